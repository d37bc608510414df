package command

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doorward/doorward/caddymodule/admin"
)

// The key and the password of RFC 6030, sections 6.1 and 6.2.
const (
	figureKey      = "12345678901234567890123456789012"
	figurePassword = "qwerty"
)

func figure(n int) string {
	return filepath.Join("..", "..", "authcore", "pskc", "testdata", fmt.Sprintf("figure%d.xml", n))
}

func TestImportOfContainers(t *testing.T) {
	key := admin.ImportRow{Serial: "987654321", Kind: "hotp", Secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", Algorithm: "SHA1", Digits: 8}
	at := func(line int) []admin.ImportRow {
		row := key
		row.Line = line
		return []admin.ImportRow{row}
	}
	signed := key
	signed.Line, signed.Serial, signed.Digits = 7, "0755225266", 6
	const (
		imported = "imported: 1 new, 0 unchanged, 0 refused\n"
		another  = "the key of the MACs can't be decrypted: the key or the password is another one, or the file was altered\n"
	)
	for _, c := range []struct {
		name, file, stdin, flags string
		rows                     []admin.ImportRow
		stdout, stderr           string
	}{
		{"plain", figure(3), "", "", at(5), imported, ""},
		{"key", figure(6), figureKey + "\n", "--key-stdin", at(20), imported, ""},
		{"password", figure(7), figurePassword + "\n", "--password-stdin", at(40), imported, ""},
		{"another key", figure(6), strings.Repeat("0", 32), "--key-stdin", nil, "", "Error: nothing was imported: line 9: " + another},
		{"another password", figure(7), "qwertz", "--password-stdin", nil, "", "Error: nothing was imported: line 28: " + another},
		{"no key", figure(6), "", "", nil, "", "Error: nothing was imported: line 6: the container is encrypted with the pre-shared key \"Pre-shared-key\": give that key with --key-stdin\n"},
		{"no password", figure(7), "", "", nil, "", "Error: nothing was imported: line 8: the container is encrypted with a password: give it with --password-stdin\n"},
		{"a password for a key", figure(6), "p\n", "--password-stdin", nil, "", "Error: nothing was imported: line 6: the container is encrypted with the pre-shared key \"Pre-shared-key\": give that key with --key-stdin, and not --password-stdin\n"},
		{"a key for a password", figure(7), figureKey, "--key-stdin", nil, "", "Error: nothing was imported: line 8: the container is encrypted with a password: give it with --password-stdin, and not --key-stdin\n"},
		{"signed", figure(9), "", "", []admin.ImportRow{signed}, imported, "the file is signed, and nobody checked that signature: who altered it could have left it away\n"},
	} {
		s := newImporter(t)
		stdout, stderr, _ := run(c.stdin, append(strings.Fields("--address "+s.address+" device import "+c.flags), c.file)...)
		if diff := cmp.Diff(c.stdout, stdout) + cmp.Diff(c.stderr, stderr) + cmp.Diff(c.rows, s.rows); diff != "" {
			t.Errorf("%s:\n%s", c.name, diff)
		}
	}
}

// One key that can't be had does not hide the next, and from the end that a policy
// names its codes don't count (RFC 6030 section 5).
func TestImportOfKeysThatEnd(t *testing.T) {
	s := newImporter(t)
	file, err := os.ReadFile(figure(10))
	if err != nil {
		t.Fatal(err)
	}
	path := fileWith(t, strings.Replace(string(file), "2006-05-31T00:00:00Z", "2999-05-31T00:00:00Z", 1))
	stdout, _, err := run("", "--address", s.address, "device", "import", "--skip-bad", path)
	end := time.Date(2999, 5, 31, 0, 0, 0, 0, time.UTC)
	if err != nil || !strings.HasSuffix(stdout, "imported: 1 new, 0 unchanged, 3 refused\n") || len(s.rows) != 1 || !s.rows[0].ExpiresAt.Equal(end) {
		t.Errorf("%v %s %+v", err, stdout, s.rows)
	}
}
