package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doorward/doorward/caddymodule/admin"
)

const hexSecret = "3132333435363738393031323334353637383930"

// An importer is what the command talks to in place of a server that imports: a row
// is unchanged or refused if its serial says so.
type importer struct {
	address string
	fails   string // the operation that is answered by an error
	mu      sync.Mutex
	asked   []string // the operations, one after another
	rows    []admin.ImportRow
	wait    int                     // calls until an import may begin
	abandon int                     // calls until all is gone
	batch   func([]admin.ImportRow) // looks at each
	refuse  bool                    // every row
}

func newImporter(t *testing.T) *importer {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	i := &importer{address: "unix/" + path, abandon: 1}
	web := &http.Server{Handler: i, ReadHeaderTimeout: time.Minute}
	go web.Serve(listener)
	t.Cleanup(func() { web.Close() })
	return i
}

func (i *importer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	var in admin.ImportBatch
	_ = json.NewDecoder(r.Body).Decode(&in)
	verb := strings.TrimPrefix(r.RequestURI, "/doorward/device/import/")
	i.asked = append(i.asked, strings.TrimSpace(verb+" "+in.Import))
	if len(i.rows) < 1000 { // more would look like memory of the command
		i.rows = append(i.rows, in.Rows...)
	}
	if verb == i.fails {
		w.WriteHeader(503)
		fmt.Fprint(w, `{"error":"the service can't answer right now"}`)
		return
	}
	switch verb {
	case "stage", "check":
		if i.batch != nil {
			i.batch(in.Rows)
		}
		results := make([]admin.ImportResult, len(in.Rows))
		for n, row := range in.Rows {
			results[n] = admin.ImportResult{Line: row.Line, Outcome: "new"}
			if i.refuse {
				results[n].Outcome, results[n].Reason = "refused", "because of it"
			}
			if word, _, marked := strings.Cut(row.Serial, "-"); marked {
				results[n].Outcome, results[n].Reason = word, "because of "+word
			}
		}
		_ = json.NewEncoder(w).Encode(results)
	case "abandon":
		i.abandon--
		_ = json.NewEncoder(w).Encode(admin.Abandoned{Done: i.abandon <= 0})
	default:
		if i.wait--; verb == "begin" && i.wait >= 0 {
			fmt.Fprint(w, `{"import":""}`)
			return
		}
		fmt.Fprint(w, `{"import":"i1"}`)
	}
}

// did gives the operations since it was called last, each once.
func (i *importer) did() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	defer func() { i.asked = nil }()
	return strings.Join(i.asked, ", ")
}

func fileWith(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const someBad = "# of 2026\nS1," + hexSecret + ",totp\nunchanged-2," + hexSecret + ",hotp,8,7,SHA256\nrefused-\x1b," + hexSecret + ",totp\n" +
	"S1," + hexSecret + ",totp\nS5,,totp\nmystery-6," + hexSecret + ",totp\n"

const badLines = "line 4: because of refused\nline 5: serial S1: the serial was in line 2 already\n" +
	"line 6: serial S5: the secret is missing\nline 7: serial mystery-6: because of mystery\n"

const mend = "nothing was imported, for there are lines that are refused: mend them, or import the others with --skip-bad"

func TestImport(t *testing.T) {
	const good = "S1," + hexSecret + ",totp\nunchanged-2," + hexSecret + ",totp\n"
	for _, c := range []struct{ name, file, flags, did, stdout, stderr string }{
		{"good", good, "", "begin, stage i1, end i1", "imported: 1 new, 1 unchanged, 0 refused\n", ""},
		{"good, checked", good, "--dry-run", "check", "dry run: 1 new, 1 unchanged, 0 refused\n", ""},
		{"all or nothing", someBad, "", "begin, stage i1, abandon i1, abandon i1", badLines + "not imported: 1 new, 1 unchanged, 4 refused\n", "Error: " + mend + "\n"},
		{"checked", someBad, "--dry-run", "check", badLines + "dry run: 1 new, 1 unchanged, 4 refused\n", "Error: " + mend + "\n"},
		{"without the bad", someBad, "--skip-bad", "begin, stage i1, end i1", badLines + "imported: 1 new, 1 unchanged, 4 refused\n", ""},
		{"checked without the bad", someBad, "--skip-bad --dry-run", "check", badLines + "dry run: 1 new, 1 unchanged, 4 refused\n", ""},
	} {
		s := newImporter(t)
		s.abandon = 2
		args := append(strings.Fields("--address "+s.address+" device import "+c.flags), fileWith(t, c.file))
		stdout, stderr, err := run("", args...)
		if diff := cmp.Diff(c.stdout, stdout) + cmp.Diff(c.stderr, stderr) + cmp.Diff(c.did, s.did()); diff != "" || (err != nil) != (c.stderr != "") {
			t.Errorf("%s: %v\n%s", c.name, err, diff)
		}
		want := []admin.ImportRow{
			{Line: 2, Serial: "S1", Kind: "totp", Secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", Algorithm: "SHA1", Digits: 6, Period: 30},
			{Line: 3, Serial: "unchanged-2", Kind: "hotp", Secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", Algorithm: "SHA256", Digits: 8, Counter: 7},
		}
		if c.file == someBad {
			if diff := cmp.Diff(want, s.rows[:2]); diff != "" {
				t.Errorf("%s: %s", c.name, diff)
			}
		}
	}
}

func TestImportAsJSON(t *testing.T) {
	s := newImporter(t)
	const refused = `[{"line":4,"serial":"","reason":"because of refused"},{"line":5,"serial":"S1","reason":"the serial was in line 2 already"},` +
		`{"line":6,"serial":"S5","reason":"the secret is missing"},{"line":7,"serial":"mystery-6","reason":"because of mystery"}]`
	for _, c := range []struct{ file, flags, want string }{
		{"S1," + hexSecret + ",totp", "", `{"new":1,"unchanged":0,"refused":[],"dry_run":false,"imported":true}`},
		{someBad, "", `{"new":1,"unchanged":1,"refused":` + refused + `,"dry_run":false,"imported":false}`},
		{someBad, "--dry-run", `{"new":1,"unchanged":1,"refused":` + refused + `,"dry_run":true,"imported":false}`},
		{someBad, "--skip-bad", `{"new":1,"unchanged":1,"refused":` + refused + `,"dry_run":false,"imported":true}`},
	} {
		stdout, _, _ := run("", append(strings.Fields("--json --address "+s.address+" device import "+c.flags), fileWith(t, c.file))...)
		if diff := cmp.Diff(c.want+"\n", stdout); diff != "" {
			t.Errorf("%s: %s", c.flags, diff)
		}
	}
}

// Where columns are parted by something else, or in another order, the secret stands in
// the place of the serial: no report has it, whoever refuses the line.
func TestImportReportsNoSecret(t *testing.T) {
	const base32, container = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "<KeyContainer Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\"><KeyPackage><DeviceInfo><SerialNo>%s</SerialNo></DeviceInfo></KeyPackage></KeyContainer>"
	for _, secret := range []string{hexSecret, base32, strings.ToLower(base32), "3132333435363738-3930313233343536"} {
		for _, file := range []string{
			"X1|%s|totp", "X1 %s totp", "X1:%s:totp", "X1:%s:totp,,hotp", "%[1]s,%[1]s,totp\n%[1]s,%[1]s,totp", "X1 %[1]s,%[1]s,totp", "%s,1,totp", container,
		} {
			for _, flag := range []string{"--json", "--json=false"} {
				s := newImporter(t)
				s.refuse = true
				stdout, stderr, err := run("", "--address", s.address, "device", "import", flag, fileWith(t, fmt.Sprintf(file, secret)+"\n"))
				said := strings.ReplaceAll(stdout+stderr, "-", "")
				if err == nil || !strings.Contains(said, "line") || strings.Contains(said, strings.ReplaceAll(secret, "-", "")) {
					t.Errorf("%s %s: %v, prints %s, says %s", file, flag, err, stdout, stderr)
				}
			}
		}
	}
}

// What the report says first must not wait for the end of a large file, and no
// refusal may be lost or out of order between two batches.
func TestImportOfManyBatches(t *testing.T) {
	s := newImporter(t)
	var file, want strings.Builder
	for line := 1; line <= 1000; line++ {
		switch {
		case line%7 == 0:
			fmt.Fprintf(&file, "S%d,,totp\n", line)
			fmt.Fprintf(&want, "line %d: serial S%d: the secret is missing\n", line, line)
		case line%11 == 0:
			fmt.Fprintf(&file, "refused-%d,%s,totp\n", line, hexSecret)
			fmt.Fprintf(&want, "line %d: serial refused-%d: because of refused\n", line, line)
		default:
			fmt.Fprintf(&file, "S%d,%s,totp\n", line, hexSecret)
		}
	}
	want.WriteString("imported: 780 new, 0 unchanged, 220 refused\n")
	stdout, _, err := run("", "--address", s.address, "device", "import", "--skip-bad", fileWith(t, file.String()))
	if diff := cmp.Diff(want.String(), stdout); diff != "" || err != nil || s.did() != "begin, stage i1, stage i1, stage i1, stage i1, stage i1, end i1" {
		t.Errorf("%v %s", err, diff)
	}
}

func TestImportThatFails(t *testing.T) {
	file := fileWith(t, "S1,"+hexSecret+",totp\nrefused-2,"+hexSecret+",totp")
	const away = "the service can't answer right now"
	for _, c := range []struct{ fails, flags, did, want string }{
		{"begin", "", "begin", "nothing was imported: " + away},
		{"stage", "", "begin, stage i1, abandon i1", "nothing was imported: " + away},
		{"check", "--dry-run", "check", "nothing was imported: " + away},
		{"abandon", "", "begin, stage i1, abandon i1", mend + "; the server could not be told to remove what was sent, and will do so within the hour: " + away},
		{"end", "--skip-bad", "begin, stage i1, end i1", away + ": whether the devices are there is not known: import the file again, which changes nothing if they are"},
	} {
		s := newImporter(t)
		s.fails = c.fails
		_, stderr, err := run("", append(strings.Fields("--address "+s.address+" device import "+c.flags), file)...)
		if diff := cmp.Diff("Error: "+c.want+"\n", stderr) + cmp.Diff(c.did, s.did()); diff != "" || err == nil {
			t.Errorf("%s: %v\n%s", c.fails, err, diff)
		}
	}
}

// Ctrl-C in the middle: what was sent is removed, and the import has no end.
func TestImportIsInterrupted(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		came := make(chan os.Signal, 1)
		signal.Notify(came, sig)
		s := newImporter(t)
		s.batch = func(rows []admin.ImportRow) {
			if rows[0].Line == 201 {
				_ = syscall.Kill(os.Getpid(), sig)
				<-came
			}
		}
		var file strings.Builder
		for line := range 20_000 {
			fmt.Fprintf(&file, "S%d,%s,totp\n", line, hexSecret)
		}
		stdout, stderr, err := run("", "--address", s.address, "device", "import", fileWith(t, file.String()))
		did := s.did()
		if err == nil || stdout != "" || stderr != "Error: nothing was imported: interrupted\n" ||
			!strings.HasPrefix(did, "begin, stage i1, stage i1") || !strings.HasSuffix(did, "stage i1, abandon i1") {
			t.Errorf("%s: %v, prints %q, says %q, did %s", sig, err, stdout, stderr, did)
		}
		signal.Stop(came)
	}
}

// While another import runs this one waits, and says so.
func TestImportWaits(t *testing.T) {
	s := newImporter(t)
	s.wait = 2
	stdout, stderr, err := run("", "--address", s.address, "device", "import", fileWith(t, "S1,"+hexSecret+",totp"))
	if err != nil || stdout != "imported: 1 new, 0 unchanged, 0 refused\n" || s.did() != "begin, begin, begin, stage i1, end i1" ||
		stderr != "another import runs, or broke off a moment ago: this one begins when that has ended or is removed\n" {
		t.Errorf("%v, prints %q, says %q", err, stdout, stderr)
	}
}

// The bar leaves its line to the summary, also when it is full at the first look.
func TestImportBarIsGoneAtTheEnd(t *testing.T) {
	for _, looks := range [][]int64{{100}, {40, 100}, {40}, nil} {
		file, err := os.Open(fileWith(t, strings.Repeat("x", 100)))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		var screen bytes.Buffer
		f := &importFile{File: file, bar: newBar(&screen, 100)}
		for _, at := range looks {
			if _, err := file.Seek(at, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			f.showBar()
		}
		f.endBar()
		var line []rune // what is to be seen, each \r going over what is there
		for _, part := range strings.Split(screen.String(), "\r") {
			over := []rune(part)
			line = append(over, line[min(len(over), len(line)):]...)
		}
		if text := screen.String(); strings.TrimSpace(string(line)) != "" || text != "" && !strings.HasSuffix(text, "\r") || strings.Contains(text, "40%") != (len(looks) > 0 && looks[0] == 40) {
			t.Errorf("%v: %q leaves %q", looks, text, string(line))
		}
	}
}

func TestImportOfNoFile(t *testing.T) {
	s := newImporter(t)
	dir := t.TempDir()
	csv := fileWith(t, "S1,"+hexSecret+",totp\n")
	xml := fileWith(t, "\ufeff \n<KeyContainer/>")
	pipe, empty := "/dev/null", fileWith(t, "")
	for _, c := range []struct{ args, stdin, want string }{
		{"", "", "an argument is missing: usage: caddy doorward device import FILE [--dry-run] [--skip-bad] [--key-stdin] [--password-stdin] [--tenant T]"},
		{"-", "", "FILE can't be standard input: it is read twice, and standard input has the key or the password"},
		{dir, "", dir + " is a folder: name one file"},
		{dir + "/none", "", "open " + dir + "/none: no such file or directory"},
		{pipe, "", pipe + " is no regular file: it is read twice"},
		{empty, "", empty + " is empty"},
		{fileWith(t, " \n"), "", "nothing was imported: no device stands in the file"},
		{fileWith(t, "serial,seed\n"), "", `nothing was imported: line 1: the header names the column "seed": known are serial, secret, type, digits, period, counter and hash`},
		{csv + " --key-stdin", strings.Repeat("0", 32), csv + " is no PSKC file, which begins with <: only these are opened with a key or a password"},
		{csv + " --password-stdin", "p", csv + " is no PSKC file, which begins with <: only these are opened with a key or a password"},
		{xml + " --key-stdin", "", "the key is missing on standard input"},
		{xml + " --key-stdin", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "the key on standard input must be 32, 48 or 64 hex digits"},
		{xml + " --key-stdin", strings.Repeat("0", 30), "the key on standard input must be 32, 48 or 64 hex digits"},
		{xml + " --password-stdin", "\n", "the password on standard input is empty"},
		{xml + " --key-stdin --password-stdin", "p", "--key-stdin and --password-stdin can't both be given: a file is encrypted in one way"},
	} {
		if got := refused(t, c.stdin, append([]string{"device", "import", "--address", s.address}, strings.Fields(c.args)...)...); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.args, got, c.want)
		}
	}
	if did := s.did(); did != "" {
		t.Errorf("the server was asked: %s", did)
	}
}
