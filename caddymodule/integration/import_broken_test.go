package integration

import (
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/oath"
	"github.com/doorward/doorward/caddymodule/admin"
)

// tokens are the lines of n tokens, from the first on.
func tokens(first, n int) string {
	var b strings.Builder
	for i := first; i < first+n; i++ {
		fmt.Fprintf(&b, "KF-%06d,%s,hotp\n", i, fobSecret(i))
	}
	return b.String()
}

// stage brings a batch of the tokens from first on, as a command does that goes on.
func (d *door) stage(id string, first, n int) {
	d.t.Helper()
	in := admin.ImportBatch{Import: id}
	for i := first; i < first+n; i++ {
		secret := []byte(fmt.Sprintf("12345678901234%06d", i))
		in.Rows = append(in.Rows, admin.ImportRow{Line: i + 1, Serial: fmt.Sprintf("KF-%06d", i), Kind: "hotp", Secret: oath.FormatSecret(secret)})
	}
	var results []admin.ImportResult
	d.call("device/import/stage", in, &results)
	for _, r := range results {
		if r.Outcome != authcore.ImportNew {
			d.t.Fatalf("line %d is %s: %s", r.Line, r.Outcome, r.Reason)
		}
	}
}

func (d *door) beginImport() string {
	d.t.Helper()
	var begun admin.ImportRef
	d.call("device/import/begin", admin.Nothing{}, &begun)
	if begun.Import == "" {
		d.t.Fatal("no import can begin")
	}
	return begun.Import
}

// Until the end nobody sees a device of an import, and all that is asked meanwhile is
// answered as ever.
func TestDevicesOfAnImportAreThereAtItsEnd(t *testing.T) {
	d := open(t, "", "")
	login := d.openSession()
	before := d.stock("")
	id := d.beginImport()
	for batch := range 5 {
		d.stage(id, batch*200, 200)
		begun := time.Now()
		d.renew(&login)
		if took := time.Since(begun); took > 3*time.Second {
			t.Errorf("a login takes %s", took)
		}
		if n := d.stock(""); n != before {
			t.Errorf("%d devices are there, want %d", n, before)
		}
		for _, operation := range []string{"show", "block", "deactivate", "unblock"} {
			if status, text := d.adminRaw("device/"+operation, admin.DeviceRef{Device: "KF-000000"}); status != http.StatusNotFound {
				t.Errorf("device/%s of a device on its way: %d %s", operation, status, text)
			}
		}
	}
	if status, text := d.adminRaw("device/add", admin.AddDevice{User: d.name, Kind: "totp", Serial: "KF-000999"}); status != http.StatusConflict {
		t.Errorf("a serial on its way: %d %s", status, text)
	}
	d.call("device/import/end", admin.ImportRef{Import: id}, new(admin.ImportRef))
	if n := d.stock(""); n != before+1000 {
		t.Errorf("%d devices are there, want %d", n, before+1000)
	}
	if status, text := d.adminRaw("device/import/end", admin.ImportRef{Import: id}); status != http.StatusNotFound || !strings.Contains(text, "it has ended, or was abandoned, or stood still for an hour") {
		t.Errorf("an import that ended is ended: %d %s", status, text)
	}
}

// A command that was killed, and a server that was, leave nothing that can be seen,
// and the next import of the same file begins as soon as it is sure that nobody goes
// on with that one.
func TestImportThatWasKilled(t *testing.T) {
	t.Parallel()
	dir, config := shortDir(t), caddyfile("", "api onlyoffice", `respond "ok"`)
	s := startServer(t, dir, config)
	id := s.beginImport()
	s.stage(id, 0, 200)
	s.stage(id, 200, 200)
	s.signal(syscall.SIGKILL)
	s = startServer(t, dir, config)
	o := newOperator(t, s)
	o.wantStock(0)
	var begun admin.ImportRef
	if s.call("device/import/begin", admin.Nothing{}, &begun); begun.Import != "" {
		t.Error("an import begins beside one that may go on")
	}
	file := fileOf(t, tokens(0, 401))
	out, talk, code := o.run("", "device", "import", file)
	if out != "imported: 401 new, 0 unchanged, 0 refused\n" || code != 0 ||
		talk != "another import runs, or broke off a moment ago: this one begins when that has ended or is removed\n" {
		t.Errorf("exit %d, prints %q, says %q", code, out, talk)
	}
	o.wantStock(401)
	if err := s.try("device/import/stage", admin.ImportBatch{Import: id}, new([]admin.ImportResult)); err == nil || !strings.Contains(err.Error(), "no such import") {
		t.Errorf("the one that broke off goes on: %v", err)
	}
	o.wantImportOf(file, "", "", "imported: 0 new, 401 unchanged, 0 refused\n", 0)
}

// A server that goes away in the middle ends the import; nothing of it is there
// when it is back.
func TestServerGoesAwayWhileImporting(t *testing.T) {
	t.Parallel()
	dir, config := shortDir(t), caddyfile("", "api onlyoffice", `respond "ok"`)
	s := startServer(t, dir, config)
	cmd := caddyCommand(t.Context(), dir, "doorward", "device", "import", fileOf(t, tokens(0, 50_000)), "--config", "Caddyfile")
	var out, talk output
	cmd.Stdout, cmd.Stderr = &out, &talk
	mustDo(t, cmd.Start())
	pollUntil(t, 20*time.Second, "the import has begun", func() bool {
		var results []admin.ImportResult
		s.call("device/import/check", admin.ImportBatch{Rows: []admin.ImportRow{{Serial: "KF-000000", Kind: "hotp", Secret: oath.FormatSecret(make([]byte, 20))}}}, &results)
		return results[0].Outcome == authcore.ImportRefused
	})
	s.signal(syscall.SIGKILL)
	err := cmd.Wait()
	if err == nil || out.String() != "" || !strings.HasPrefix(talk.String(), "Error: nothing was imported: no Caddy answers at unix/") ||
		!strings.Contains(talk.String(), "; the server could not be told to remove what was sent, and will do so within the hour: no Caddy answers at unix/") {
		t.Errorf("%v, prints %q, says %q", err, out.String(), talk.String())
	}
	o := newOperator(t, startServer(t, dir, config))
	o.wantStock(0)
}

// On a terminal a bar shows how far it is; the report is the same.
func TestImportOnATerminal(t *testing.T) {
	t.Parallel()
	s := startServer(t, shortDir(t), caddyfile("", "api onlyoffice", `respond "ok"`))
	shown := importOnATerminal(t, s.Dir, tokens(0, 5000)+"BAD,,totp\n")
	bar, end, found := strings.Cut(shown, "\rline 5001: serial BAD: the secret is missing\r\n")
	if !found || !strings.HasPrefix(bar, "\rimporting ") || !strings.Contains(bar, "% |████") ||
		strings.TrimLeft(end, "\r ") != "imported: 5000 new, 0 unchanged, 1 refused\r\n" {
		t.Errorf("the terminal shows %q", shown)
	}
	for _, n := range []int{1, 1000} { // read at the first look, and not
		end, shown := fmt.Sprintf("imported: 0 new, %d unchanged, 0 refused\r\n", n), importOnATerminal(t, s.Dir, tokens(0, n))
		if bar, found := strings.CutSuffix(shown, end); !found || bar != "" && !strings.HasSuffix(bar, " \r") {
			t.Errorf("the terminal shows %q", shown)
		}
	}
}

func importOnATerminal(t *testing.T, dir, file string) string {
	t.Helper()
	typed := caddyCommand(t.Context(), dir, "doorward", "device", "import", fileOf(t, file), "--skip-bad", "--config", "Caddyfile")
	terminal := exec.CommandContext(t.Context(), "script", "-qefc", strings.Join(typed.Args, " "), "/dev/null")
	terminal.Dir, terminal.Env = typed.Dir, typed.Env
	shown, err := terminal.Output()
	if err != nil {
		t.Fatalf("script (apt-get install bsdutils): %v", err)
	}
	return string(shown)
}
