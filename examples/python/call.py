"""Calls a method of a contract without changing anything, with arguments that are encoded here: from what the API says of the
method, by section 5 of docs/contracts.md, with nothing but the standard library.

    python3 call.py CONTRACT METHOD '[1, "text"]' [NODE]
"""

import json
import sys
import urllib.error
import urllib.request

if len(sys.argv) < 4:
    sys.exit(__doc__)
CONTRACT, METHOD, ARGUMENTS = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
NODE = sys.argv[4] if len(sys.argv) > 4 else "http://127.0.0.1:5000"

FALSE, TRUE, NUMBER, BIGINT, TEXT, ARRAY, ADDRESS, RECORD = range(8)
NEGATIVE = 0x80


def query(text, **variables):
    """The data of an answer. What the node has to complain about is raised."""
    body = json.dumps({"query": text, "variables": variables}).encode()
    request = urllib.request.Request(f"{NODE}/graphql", body, {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request) as response:
            answer = json.load(response)
    except urllib.error.URLError as error:
        sys.exit(f"no answer from {NODE}: {error.reason}")
    if "errors" in answer:
        raise RuntimeError("; ".join(error["message"] for error in answer["errors"]))
    return answer["data"]


def encode(kind, value):
    """A value without parts: a byte for its kind, then its content. Integers are little-endian."""
    if kind == "BOOLEAN":
        return bytes([TRUE if value else FALSE])
    if kind == "NUMBER":
        return bytes([NUMBER]) + int(value).to_bytes(8, "little", signed=True)
    if kind == "BIGINT":
        magnitude = abs(int(value))
        content = magnitude.to_bytes((magnitude.bit_length() + 7) // 8, "little")
        return bytes([BIGINT, len(content) | (NEGATIVE if int(value) < 0 else 0)]) + content
    if kind == "STRING":
        text = value.encode()
        return bytes([TEXT]) + len(text).to_bytes(2, "little") + text
    # The node reads addresses such as lore1…, and names of development accounts.
    account = query("query ($address: String!) { account(address: $address) { addressHex } }", address=value)["account"]
    return bytes([ADDRESS]) + bytes.fromhex(account["addressHex"])


def encode_value(value_type, value):
    """A value of any type that a method takes: arrays and records hold values without parts."""
    if value_type["kind"] == "ARRAY":
        elements = [encode(value_type["element"]["kind"], element) for element in value]
        return bytes([ARRAY]) + len(elements).to_bytes(2, "little") + b"".join(elements)
    if value_type["kind"] == "RECORD":
        values = [encode(each["type"]["kind"], value[each["name"]]) for each in value_type["properties"]]
        return bytes([RECORD, len(values)]) + b"".join(values)
    return encode(value_type["kind"], value)


CONTRACT_TYPES = """query ($address: String!) {
  contract(address: $address) {
    methods {
      name
      parameters { name valueType { kind element { kind } properties { name type { kind } } } }
    }
  }
}"""
SIMULATE = """query ($input: SimulateCallInput!) {
  simulateCall(input: $input) { ok gasUsed resultJson error { message line } }
}"""

contract = query(CONTRACT_TYPES, address=CONTRACT)["contract"]
if contract is None:
    sys.exit(f"there is no contract at {CONTRACT}")
method = next((each for each in contract["methods"] if each["name"] == METHOD), None)
if method is None:
    sys.exit(f"it has no method {METHOD}; there are {', '.join(each['name'] for each in contract['methods'])}")
if len(method["parameters"]) != len(ARGUMENTS):
    sys.exit(f"{METHOD} takes {len(method['parameters'])} arguments, not {len(ARGUMENTS)}")

encoded = b""
for parameter, argument in zip(method["parameters"], ARGUMENTS):
    try:
        encoded += encode_value(parameter["valueType"], argument)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        sys.exit(f"{parameter['name']} is a {parameter['valueType']['kind']}; {json.dumps(argument)} is none")
print("encoded", encoded.hex() or "nothing: there are no arguments")
simulated = query(SIMULATE, input={"contract": CONTRACT, "method": METHOD, "arguments": encoded.hex()})["simulateCall"]
if not simulated["ok"]:
    sys.exit(f"fails: {simulated['error']['message']} (line {simulated['error']['line']})")
print("result", simulated["resultJson"])
print("gas", simulated["gasUsed"])
