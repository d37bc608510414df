package onlyoffice_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/doorward/doorward/caddymodule/admin"
)

// operate asks the admin endpoint, as the commands do, and keeps the texts of
// the answer by their names.
func (p *teller) operate(line string) error {
	line, err := p.fill(line)
	if err != nil {
		return err
	}
	operation, in, _ := strings.Cut(line, " ")
	var out map[string]any
	client := admin.Client{Address: "unix/" + filepath.Join(p.kit.Dir, "admin.sock")}
	if err := client.Call(context.Background(), operation, json.RawMessage(in), &out); err != nil {
		return err
	}
	for name, value := range out {
		if text, ok := value.(string); ok {
			p.values[name] = text
		}
	}
	return nil
}

// expire lets the codes that were sent end, ten minutes early.
func (p *teller) expire() error {
	db, err := sql.Open(p.driver, strings.ReplaceAll(p.dsn, "{$KIT_DIR}", p.kit.Dir))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(p.Context(), "UPDATE challenges SET expires_at = created_at")
	return err
}

// set keeps a code: of an app, by oathtool, or of the last message to somebody.
func (p *teller) set(line string) error {
	words := strings.Fields(line) // NAME = totp KEY [STEPS] | hotp KEY COUNTER | sms ADDRESS | mail ADDRESS
	if len(words) < 4 || words[1] != "=" {
		return fmt.Errorf("%q is not NAME = KIND OF", line)
	}
	name, kind, of := words[0], words[2], words[3]
	args := map[string][]string{"totp": {"--totp"}, "hotp": {"--hotp", "-c"}}[kind]
	if args == nil {
		sent := p.outgoing[kind]()
		if len(sent) == 0 || sent[len(sent)-1].to != of {
			return fmt.Errorf("the last %s is not to %s: %q", kind, of, sent)
		}
		p.values[name] = sent[len(sent)-1].code
		return nil
	}
	if len(words) > 4 && kind == "totp" {
		args = append(args, "--now", "now + "+words[4]+" seconds") // of the next time step
	} else {
		args = append(args, words[4:]...)
	}
	out, err := exec.Command("oathtool", append(args, "--base32", p.values[of])...).Output()
	p.values[name] = strings.TrimSpace(string(out))
	if err != nil {
		return fmt.Errorf("oathtool (apt-get install oathtool): %w", err)
	}
	return nil
}
