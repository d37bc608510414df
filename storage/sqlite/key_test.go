package sqlite_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/storage/sqlite"
)

func sealKey(t *testing.T, path string) []byte {
	t.Helper()
	key, err := sqlite.SealKey(path)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// noKey wants SealKey to fail with code and a message with every word.
func noKey(t *testing.T, path string, code authcore.Code, words ...string) {
	t.Helper()
	key, err := sqlite.SealKey(path)
	if key != nil || authcore.CodeOf(err) != code {
		t.Errorf("got %d bytes and %v, want code %s", len(key), err, code)
	}
	for _, word := range words {
		if !strings.Contains(authcore.MessageOf(err), word) {
			t.Errorf("the message %q lacks %q", authcore.MessageOf(err), word)
		}
	}
}

func TestSealKey(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	path := filepath.Join(dir, "a.db")
	key := sealKey(t, path)
	if len(key) != 32 || bytes.Equal(key, make([]byte, 32)) {
		t.Fatalf("the key has %d bytes", len(key))
	}
	if bytes.Equal(key, sealKey(t, filepath.Join(t.TempDir(), "a.db"))) {
		t.Error("two databases got one key")
	}
	info, err := os.Stat(path + ".key")
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the key: %v %v", info, err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode of the directory: %v %v", info, err)
	}
	text, err := os.ReadFile(path + ".key")
	if err != nil || string(text) != base64.StdEncoding.EncodeToString(key)+"\n" {
		t.Errorf("the file does not hold the key in Base64: %v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("something else than the key and the lock file was left: %v %v", entries, err)
	}
	open(t, path)
	if !bytes.Equal(key, sealKey(t, path)) {
		t.Error("the key changed")
	}
}

func TestSealKeyRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	key := base64.StdEncoding.EncodeToString(sealKey(t, path))
	open(t, path)
	for _, mode := range []os.FileMode{0o644, 0o640, 0o604, 0o700} {
		if err := os.Chmod(path+".key", mode); err != nil {
			t.Fatal(err)
		}
		noKey(t, path, authcore.CodeInvalid, path+".key", "chmod 600")
	}
	for what, text := range map[string]string{
		"nothing": "", "no Base64": strings.Repeat("!", 44), "too short": key[4:], "two lines": key + "\n" + key,
	} {
		if err := os.Remove(path + ".key"); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path+".key", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Run(what, func(t *testing.T) {
			noKey(t, path, authcore.CodeInvalid, path+".key", "Base64 of 32 bytes")
			if _, err := sqlite.SealKey(path); text != "" && strings.Contains(err.Error(), text) {
				t.Error("the message shows the file's text")
			}
		})
	}
	if err := os.Remove(path + ".key"); err != nil {
		t.Fatal(err)
	}
	noKey(t, path, authcore.CodeConflict, path+".key", "missing", "restore")
	if _, err := os.Stat(path + ".key"); !os.IsNotExist(err) {
		t.Errorf("a key was made for an existing database: %v", err)
	}
}

// TestSealKeyRace: whoever comes first makes the key, and all get that one.
func TestSealKeyRace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	keys := make([][]byte, 20)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			var err error
			if keys[i], err = sqlite.SealKey(path); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, key := range keys {
		if !bytes.Equal(key, keys[0]) {
			t.Fatal("two callers got two keys")
		}
	}
}
