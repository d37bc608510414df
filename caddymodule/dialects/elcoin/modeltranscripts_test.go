package elcoin_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// modelVerbs prepare an exchange with the model.
var modelVerbs = []string{"let", "as", "user", "sig", "from", "do", "scan", "uri", "login", "exec"}

// The transcripts of testdata/stories hold what an app sends, and the bytes that it gets.
// testdata/README.md has their grammar.
func TestModelTranscripts(t *testing.T) {
	stories := readStories(t, "stories", modelVerbs...)
	onBothStores(t, func(t *testing.T, store func(testing.TB) database) {
		for _, s := range stories {
			t.Run(s.name, func(t *testing.T) {
				g := startModel(t, store(t), s)
				for _, one := range s.steps {
					if err := g.play(one); err != nil {
						t.Fatalf("%s: %s\n%s%v", one.at, one.request, one.body, err)
					}
				}
				g.wantNoSecrets()
			})
		}
	})
}

func (g *modelGateway) play(s step) error {
	rest, err := g.fill(s.rest)
	if err != nil {
		return err
	}
	switch words := strings.Fields(rest); s.verb {
	case "":
		return g.exchange(s)
	case "let":
		g.values[words[0]] = words[1]
	case "as":
		return g.as(rest)
	case "user":
		return g.asUser(rest)
	case "sig":
		g.sig = rest
	case "from":
		g.from = rest
	case "do":
		operation, in, _ := strings.Cut(rest, " ")
		return g.operate(operation, json.RawMessage(in), new(any))
	case "scan":
		return g.scan(rest)
	case "uri":
		if uri := g.values[words[0]]; !strings.HasPrefix(uri, words[1]) || !strings.Contains(uri, "="+g.values["key"]+"&") {
			return fmt.Errorf("the picture says %s", uri)
		}
	case "login":
		_, err := g.login(words[0], g.values[words[1]])
		return err
	case "exec":
		return g.sql(rest)
	}
	return nil
}

func (g *modelGateway) exchange(s step) error {
	request, err := g.fill(s.request)
	if err != nil {
		return err
	}
	body, err := g.fill(strings.TrimSuffix(s.body, "\n"))
	if err != nil {
		return err
	}
	method, path, _ := strings.Cut(request, " ")
	for range s.times {
		status, answer := g.request(method, path, body, g.header(body))
		if err := g.match(s.answer, fmt.Sprint(status, " ", answer)); err != nil {
			return err
		}
		g.log = append(g.log, answer)
	}
	return nil
}

// wantNoSecrets holds law 11: no key of a device, no secret and no token of an app, and no
// number of a device, is in the log, debug lines among them; a key is in one answer alone.
func (g *modelGateway) wantNoSecrets() {
	g.Helper()
	log, err := os.ReadFile(filepath.Join(g.kit.Dir, "log"))
	if err != nil || !strings.Contains(string(log), `"route":"elcoin/oAuthDevice/`) {
		g.Fatalf("the log has no line of ours: %v", err)
	}
	secrets := []string{"441632960962", "bob1@gmail.com", "app-1234567890", "app-0987654321"}
	for _, app := range g.apps {
		secrets = append(secrets, app.secret, app.token)
	}
	answers := strings.Join(g.log, "\n")
	if key := g.values["key"]; key != "" {
		secrets = append(secrets, key)
		if strings.Count(answers, key) != 1 {
			g.Errorf("the key %s is in the answers %s", key, answers)
		}
	}
	for _, secret := range secrets {
		if i := strings.Index(strings.ToLower(string(log)), strings.ToLower(secret)); i >= 0 {
			g.Errorf("a secret is in %q", log[max(0, i-200):min(len(log), i+200)])
		}
	}
}
