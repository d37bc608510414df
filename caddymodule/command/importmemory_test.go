package command

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/spf13/cobra"

	"github.com/doorward/doorward/caddymodule/admin"
)

// What a file brings is not held in memory, but a few bytes for each serial; and what
// is refused is written as it comes.
func TestImportIsFlat(t *testing.T) {
	const few, many = 10_000, 100_000
	heap := func(devices int, secret string) int64 {
		file, err := os.Create(filepath.Join(t.TempDir(), "tokens"))
		if err != nil {
			t.Fatal(err)
		}
		for n := range devices - 1 {
			fmt.Fprintf(file, "T%07d,%s,totp,6,30,SHA1\n", n, secret)
		}
		fmt.Fprintf(file, "LAST,%s,totp\n", hexSecret)
		file.Close()
		s, used := newImporter(t), int64(0)
		s.batch = func(rows []admin.ImportRow) {
			if rows[len(rows)-1].Serial == "LAST" {
				var stats runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&stats)
				used = int64(stats.HeapAlloc)
			}
		}
		root := new(cobra.Command)
		SetUp(root)
		root.SetArgs([]string{"--address", s.address, "device", "import", "--skip-bad", file.Name()})
		root.SetOut(io.Discard)
		if err := root.Execute(); err != nil || used == 0 {
			t.Fatalf("%v, measured %d", err, used)
		}
		return used
	}
	for _, secret := range []string{hexSecret, "bad"} {
		grown := heap(many, secret) - heap(few, secret)
		if t.Logf("%d devices more take %d KiB more", many-few, grown>>10); grown > 8<<20 {
			t.Errorf("%d devices more take %d KiB more", many-few, grown>>10)
		}
	}
}
