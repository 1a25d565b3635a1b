// Pays on a local network, and waits for the block: plain GraphQL over HTTP, with nothing but the standard library.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
)

type node struct{ url string }

type variables map[string]any

// request sends an operation, and returns the body of the response, which the caller closes.
func (n node) request(query string, vars variables, accept string) (io.ReadCloser, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": vars})
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequest(http.MethodPost, n.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("content-type", "application/json")
	request.Header.Set("accept", accept)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	return response.Body, nil
}

// decode reads an answer into data. What the node has to complain about is an error.
func decode(answer io.Reader, data any) error {
	var result struct {
		Data   json.RawMessage
		Errors []struct{ Message string }
	}
	if err := json.NewDecoder(answer).Decode(&result); err != nil {
		return err
	}
	if len(result.Errors) > 0 {
		return errors.New(result.Errors[0].Message)
	}
	return json.Unmarshal(result.Data, data)
}

// query asks the node something, or tells it to do something.
func (n node) query(text string, vars variables, data any) error {
	body, err := n.request(text, vars, "application/json")
	if err != nil {
		return err
	}
	defer body.Close()
	return decode(body, data)
}

// subscribe calls onData with what a subscription tells, over server-sent events, until onData returns false.
func (n node) subscribe(text string, vars variables, onData func(answer io.Reader) (bool, error)) error {
	body, err := n.request(text, vars, "text/event-stream")
	if err != nil {
		return err
	}
	defer body.Close()
	lines := bufio.NewReader(body)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return err
		}
		if !strings.HasPrefix(line, "data: {") {
			continue
		}
		if more, err := onData(strings.NewReader(strings.TrimPrefix(line, "data: "))); err != nil || !more {
			return err
		}
	}
}

const send = `mutation ($to: String!) {
  sendFromDevAccount(from: "Alice", to: $to, amount: "7") {
    ... on TransactionAccepted { transaction { id } }
    ... on TransactionRejected { message }
  }
}`

const blocks = `subscription ($cursor: Cursor) {
  events(after: $cursor, kinds: [BLOCK]) {
    ... on BlockEvent { block { height transactions { edges { node { id } } } } }
  }
}`

func pay(n node) error {
	var start struct {
		Tip      struct{ Height int }
		NodeInfo struct{ Cursor string }
	}
	if err := n.query(`{ tip { height } nodeInfo { cursor } }`, nil, &start); err != nil {
		return err
	}
	fmt.Println("the tip is at height", start.Tip.Height)

	// The node signs for Alice, whose key is public: this works on networks with development accounts only.
	var sent struct {
		SendFromDevAccount struct {
			Message     string
			Transaction struct{ ID string }
		}
	}
	if err := n.query(send, variables{"to": "Bob"}, &sent); err != nil {
		return err
	}
	if reason := sent.SendFromDevAccount.Message; reason != "" {
		return fmt.Errorf("refused: %s", reason)
	}
	txid := sent.SendFromDevAccount.Transaction.ID
	fmt.Println("sent", txid)

	var mined any
	if err := n.query(`mutation { mine { __typename } }`, nil, &mined); err != nil {
		return err
	}

	// Events since the cursor are told as well: nothing falls between the first question and this one.
	return n.subscribe(blocks, variables{"cursor": start.NodeInfo.Cursor}, func(answer io.Reader) (bool, error) {
		var told struct {
			Events struct {
				Block struct {
					Height       int
					Transactions struct {
						Edges []struct{ Node struct{ ID string } }
					}
				}
			}
		}
		if err := decode(answer, &told); err != nil {
			return false, err
		}
		for _, edge := range told.Events.Block.Transactions.Edges {
			if edge.Node.ID == txid {
				fmt.Println("confirmed at height", told.Events.Block.Height)
				return false, nil
			}
		}
		return true, nil
	})
}

func main() {
	n := node{"http://127.0.0.1:5000"}
	if len(os.Args) > 1 {
		n.url = os.Args[1]
	}
	if err := pay(n); err != nil {
		log.Fatal(err)
	}
}
