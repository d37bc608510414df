package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// fobSecret is the secret of RFC 4226 appendix D with the number n.
func fobSecret(n int) string {
	return fmt.Sprintf("%x", fmt.Sprintf("12345678901234%06d", n))
}

// wantImport types `device import` for a file with this text, and wants exactly this
// report and this exit code.
func (o *operator) wantImport(text, flags, report string, code int) {
	o.t.Helper()
	o.wantImportOf(fileOf(o.t, text), "", flags, report, code)
}

func (o *operator) wantImportOf(file, in, flags, report string, code int) {
	o.t.Helper()
	out, talk, exit := o.run(in, append([]string{"device", "import", file}, strings.Fields(flags)...)...)
	if diff := cmp.Diff(report, out); diff != "" || exit != code || (talk == "") != (code == 0) {
		o.t.Errorf("import %s: exit %d, want %d; says %q\n%s", flags, exit, code, talk, diff)
	}
}

func fileOf(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tokens")
	mustDo(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// stock is how many devices can be seen.
func (d *door) stock(tenant string) int {
	d.t.Helper()
	var list []admin.Device
	d.call("device/list", admin.ListOf{InTenant: admin.InTenant{Tenant: tenant}}, &list)
	return len(list)
}

func (o *operator) wantStock(want int) {
	o.t.Helper()
	if n := o.s.stock(""); n != want {
		o.t.Errorf("%d devices are there, want %d", n, want)
	}
}

const goodTokens = `# delivered in May
Serial;Type;Secret;Digits;Period;Counter;Hash
T1;totp;%s;8;60;;SHA256
T2;HOTP;%s;;;41;SHA-512
T3;time;%s;;;;
`

// The way of an operator with a file: look, import, import again, correct and go on.
func TestImport(t *testing.T) {
	for name, store := range map[string]func(*testing.T) string{
		"sqlite": func(*testing.T) string { return `store sqlite "{$KIT_DIR}/doorward.db"` },
		"postgres": func(t *testing.T) string {
			return "store postgres " + postgrestest.Start(t).Database(t) + "\nseal_key " + strings.Repeat("A", 43) + "="
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := caddyfile("", "api onlyoffice", `respond "ok"`)
			config = strings.Replace(config, `store sqlite "{$KIT_DIR}/doorward.db"`, store(t), 1)
			wayOfAFile(t, newOperator(t, startServer(t, shortDir(t), strings.Replace(config, "{", "{\ndebug", 1))))
		})
	}
}

func wayOfAFile(t *testing.T, o *operator) {
	good := fmt.Sprintf(goodTokens, fobSecret(1), fobSecret(2), fobSecret(3))
	bad := good + "T4;totp;" + fobSecret(4) + ";7\nT1;totp;" + fobSecret(1) + "\n"
	const lines = "line 6: serial T4: digits is 7: 6 and 8 are allowed\nline 7: serial T1: the serial was in line 3 already\n"
	o.wantImport(good, "--dry-run", "dry run: 3 new, 0 unchanged, 0 refused\n", 0)
	o.wantImport(bad, "--dry-run", lines+"dry run: 3 new, 0 unchanged, 2 refused\n", 1)
	o.wantImport(bad, "", lines+"not imported: 3 new, 0 unchanged, 2 refused\n", 1)
	o.wantStock(0)
	o.wantImport(bad, "--skip-bad", lines+"imported: 3 new, 0 unchanged, 2 refused\n", 0)
	o.wantStock(3)
	o.wantImport(good, "", "imported: 0 new, 3 unchanged, 0 refused\n", 0)
	o.wantImport(good+"T5;hotp;"+fobSecret(5)+"\n", "", "imported: 1 new, 3 unchanged, 0 refused\n", 0)
	o.wantImport(good+"T5;hotp;"+fobSecret(6)+"\n", "--json",
		`{"new":0,"unchanged":3,"refused":[{"line":6,"serial":"T5","reason":"the serial is there already, with another secret or other parameters"}],"dry_run":false,"imported":false}`+"\n", 1)
	o.wantStock(4)

	for serial, want := range map[string]admin.Device{
		"T1": {Serial: "T1", Tenant: "default", Kind: "totp", Status: "active", Algorithm: "SHA256", Digits: 8, Period: 60},
		"T2": {Serial: "T2", Tenant: "default", Kind: "hotp", Status: "active", Algorithm: "SHA512", Digits: 6},
		"T3": {Serial: "T3", Tenant: "default", Kind: "totp", Status: "active", Algorithm: "SHA1", Digits: 6, Period: 30},
	} {
		shown := o.s.shown(serial)
		if serial == "T2" && (shown.NextCounter == nil || *shown.NextCounter != 41) {
			t.Errorf("the next counter of T2 is %v", shown.NextCounter)
		}
		got := shown.Device
		got.ID, got.CreatedAt = "", want.CreatedAt
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", serial, diff)
		}
	}

	// Another tenant has serials of its own, and what its import brings.
	o.wantImport("T1,"+fobSecret(9)+",hotp", "--tenant hr", "imported: 1 new, 0 unchanged, 0 refused\n", 0)
	if n := o.s.stock("hr"); n != 1 {
		t.Errorf("%d devices in the other tenant", n)
	}
	for n := range 10 {
		if found := linesWith(strings.ToLower(o.s.log.String()), fobSecret(n)); len(found) > 0 {
			t.Errorf("the log holds a secret: %s", found[0])
		}
	}
	if len(linesWith(o.s.log.String(), `"level":"debug"`)) == 0 {
		t.Error("the log is not at level debug: this proves nothing")
	}
}

// One file with all that can be wrong with a line, and its whole report.
func TestImportReport(t *testing.T) {
	t.Parallel()
	o := newOperator(t, startServer(t, shortDir(t), caddyfile("", "api onlyoffice", `respond "ok"`)))
	o.s.enrol()
	var taken admin.DeviceWithSecret
	o.s.call("device/add", admin.AddDevice{User: o.s.name, Kind: "totp", Serial: "TAKEN"}, &taken)
	const hex = "3132333435363738393031323334353637383930"
	long, wide := strings.Repeat("L", 65), strings.Repeat(" ", 64<<10)
	report := ""
	file := "GOOD," + hex + ",totp\n"
	for n, c := range []struct{ line, serial, reason string }{
		{"," + hex + ",totp", "", "the serial is missing"},
		{"a b," + hex + ",totp", "", `the serial has the character " ": letters, digits and - _ . : are allowed`},
		{"\x1b[31m," + hex + ",totp", "", `the serial has the character "\x1b": letters, digits and - _ . : are allowed`},
		{"3f2504e0-4f89-41d3-9a0c-0305e82c3301," + hex + ",totp", "", "the serial has the shape of an ID (a UUID), which serials may not have"},
		{long + "," + hex + ",totp", "", "the serial has 65 characters: 64 are allowed"},
		{"GOOD," + hex + ",totp", "GOOD", "the serial was in line 1 already"},
		{"TAKEN," + hex + ",totp", "TAKEN", "the serial is there already, with another secret or other parameters"},
		{"S,,totp", "S", "the secret is missing"},
		{"S9,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ,totp", "S9", "the secrets of this file are hex, and character 1 of this one is not: 0 to 9 and A to F are allowed"},
		{"S10,313,totp", "S10", "the secret has 3 hex digits, which make no whole number of bytes: is one missing?"},
		{"S11,3132,totp", "S11", "secret has 2 bytes: 16 to 128 are allowed"},
		{"S12," + hex, "S12", "the type is missing: totp or hotp"},
		{"S13," + hex + ",sms", "S13", `type is "sms": totp (or time) and hotp (or event) are allowed`},
		{"S14," + hex + ",totp,9", "S14", "digits is 9: 6 and 8 are allowed"},
		{"S15," + hex + ",totp,6,121", "S15", "period is 121 seconds: 15 to 120 are allowed"},
		{"S16," + hex + ",hotp,6,-5", "S16", `counter is "-5": it is a number, 0 or more`},
		{"S17," + hex + ",totp,6,30,MD5", "S17", `hash is "MD5": SHA1, SHA256 and SHA512 are allowed`},
		{"S18," + hex + ",totp,6,30,SHA1,7", "", "field 7 belongs to no column: without a header they are serial, secret, type, digits, period or counter, hash"},
		{"S19," + hex + ",\"totp", "", "a quotation mark is not closed, or stands inside of a field: quote whole fields"},
		{"S20\xff," + hex + ",totp", "", "the line is not UTF-8"},
		{"S21," + hex + ",totp" + wide, "", "the line is longer than 65536 bytes"},
	} {
		file += c.line + "\n"
		named := ""
		if c.serial != "" {
			named = "serial " + c.serial + ": "
		}
		report += fmt.Sprintf("line %d: %s%s\n", n+2, named, c.reason)
	}
	o.wantImport(file, "", report+"not imported: 1 new, 0 unchanged, 21 refused\n", 1)
	o.wantStock(1)
	o.wantImport(file, "--skip-bad", report+"imported: 1 new, 0 unchanged, 21 refused\n", 0)
	o.wantStock(2)
}

// Containers of RFC 6030, with keys and passwords that leave the operator's shell for
// nowhere.
func TestImportOfContainers(t *testing.T) {
	t.Parallel()
	o := newOperator(t, startServer(t, shortDir(t), strings.Replace(caddyfile("", "api onlyoffice", `respond "ok"`), "{", "{\ndebug", 1)))
	const key, password = "12345678901234567890123456789012", "qwerty" // sections 6.1 and 6.2
	figure := func(n int) string {
		return filepath.Join("..", "..", "authcore", "pskc", "testdata", fmt.Sprintf("figure%d.xml", n))
	}
	for _, c := range []struct {
		file      int
		in, flags string
	}{{6, "", ""}, {6, strings.Repeat("0", 32), "--key-stdin"}, {7, "", ""}, {7, "qwertz", "--password-stdin"}, {6, password, "--password-stdin"}} {
		o.fails(c.in, "nothing was imported: line ", append([]string{"device", "import", absolute(t, figure(c.file)), "--skip-bad"}, strings.Fields(c.flags)...)...)
	}
	o.wantImportOf(absolute(t, figure(8)), "", "", "line 23: serial 987654321: <Secret> can't be decrypted: it is encrypted with a certificate or another key of the kind <X509Data>: "+
		"ask the maker for a container with a pre-shared key or a password\nnot imported: 0 new, 0 unchanged, 1 refused\n", 1)
	o.wantStock(0)
	o.wantImportOf(absolute(t, figure(6)), key, "--key-stdin", "imported: 1 new, 0 unchanged, 0 refused\n", 0)
	o.wantImportOf(absolute(t, figure(7)), password, "--password-stdin", "imported: 0 new, 1 unchanged, 0 refused\n", 0)
	if d := o.s.shown("987654321"); d.Kind != "hotp" || d.Digits != 8 || d.Algorithm != "SHA1" {
		t.Errorf("the key of the container is %+v", d)
	}
	for _, secret := range append(spellings(t, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), key, password) {
		if found := linesWith(o.s.log.String(), secret); len(found) > 0 {
			t.Errorf("the log holds %q: %s", secret, found[0])
		}
	}
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	mustDo(t, err)
	return path
}
