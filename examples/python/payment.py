"""Pays on a local network, and waits for the block: plain GraphQL over HTTP, with nothing but the standard library."""

import json
import sys
import urllib.request

NODE = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:5000"


def request(query, accept="application/json", **variables):
    """Sends an operation, and returns the open response."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    headers = {"content-type": "application/json", "accept": accept}
    return urllib.request.urlopen(urllib.request.Request(f"{NODE}/graphql", body, headers))


def data_of(answer):
    """The data of an answer. What the node has to complain about is raised."""
    if "errors" in answer:
        raise RuntimeError("; ".join(error["message"] for error in answer["errors"]))
    return answer["data"]


def query(text, **variables):
    with request(text, **variables) as response:
        return data_of(json.load(response))


def subscribe(text, **variables):
    """Yields what a subscription tells, over server-sent events."""
    with request(text, accept="text/event-stream", **variables) as response:
        for line in response:
            field, _, value = line.decode().rstrip("\n").partition(": ")
            if field == "data" and value:
                yield data_of(json.loads(value))


start = query("{ tip { height } nodeInfo { cursor } }")
print("the tip is at height", start["tip"]["height"])

# The node signs for Alice, whose key is public: this works on networks with development accounts only.
sent = query(
    """mutation ($to: String!) {
      sendFromDevAccount(from: "Alice", to: $to, amount: "7") {
        __typename
        ... on TransactionAccepted { transaction { id } }
        ... on TransactionRejected { message }
      }
    }""",
    to="Bob",
)["sendFromDevAccount"]
if sent["__typename"] != "TransactionAccepted":
    sys.exit(f"refused: {sent['message']}")
txid = sent["transaction"]["id"]
print("sent", txid)

query("mutation { mine { __typename } }")

# Events since the cursor are told as well: nothing falls between the question above and this one.
BLOCKS = """subscription ($cursor: Cursor) {
  events(after: $cursor, kinds: [BLOCK]) {
    ... on BlockEvent { block { height transactions { edges { node { id } } } } }
  }
}"""
for told in subscribe(BLOCKS, cursor=start["nodeInfo"]["cursor"]):
    block = told["events"]["block"]
    if txid in [edge["node"]["id"] for edge in block["transactions"]["edges"]]:
        print("confirmed at height", block["height"])
        break
