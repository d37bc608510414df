package onlyoffice_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doorward/doorward/authcore/authtest"
	_ "github.com/doorward/doorward/caddymodule"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

func init() { authtest.CheapHashes() }

// The transcripts of testdata were written from the vendor's documents and
// sources before the code: what a client of a portal sends, and the bytes that
// it is written to understand. testdata/README.md has their grammar.
func TestTranscripts(t *testing.T) {
	stories := readStories(t)
	t.Run("sqlite", func(t *testing.T) {
		tellAll(t, stories, func(testing.TB) database {
			return database{`store sqlite "{$KIT_DIR}/doorward.db"`, "sqlite", "file:{$KIT_DIR}/doorward.db?_pragma=busy_timeout(5000)"}
		})
	})
	t.Run("postgres", func(t *testing.T) {
		cluster := postgrestest.Start(t)
		tellAll(t, stories, func(t testing.TB) database {
			dsn := cluster.Database(t)
			return database{"store postgres " + dsn + "\nseal_key " + strings.Repeat("A", 43) + "=", "postgres", dsn}
		})
	})
}

// database is where a story is kept, and the way to it beside the gateway.
type database struct{ caddyfile, driver, dsn string }

// tellAll gives each story a gateway and a database of its own: what one of
// them counts and throttles is nothing to the next.
func tellAll(t *testing.T, stories []story, store func(testing.TB) database) {
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) { newTeller(t, s, store(t)).tell() })
	}
}

func readStories(t *testing.T) (stories []story) {
	t.Helper()
	err := filepath.WalkDir("testdata", func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".txt" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		s, err := readStory(path, string(text))
		s.name = strings.TrimSuffix(filepath.ToSlash(path[len("testdata/"):]), ".txt")
		stories = append(stories, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(stories) == 0 {
		t.Fatal("no transcript is there")
	}
	return stories
}
