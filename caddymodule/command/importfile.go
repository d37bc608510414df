package command

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"unicode"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/doorward/doorward/authcore/pskc"
	"github.com/doorward/doorward/authcore/tokencsv"
)

const keyFlag = "key-stdin"

// importFile gives the keys of a file one by one, and shows how far it is.
type importFile struct {
	*os.File
	keys interface{ Next() (pskc.Key, error) }
	bar  *progressbar.ProgressBar // nil where nobody looks
}

// openImport opens a file and finds out what it is: XML begins with "<", and no serial
// does.
func openImport(cmd *cobra.Command, path string) (_ *importFile, err error) {
	if path == "-" {
		return nil, errors.New("FILE can't be standard input: it is read twice, and standard input has the key or the password")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			file.Close()
		}
	}()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, fmt.Errorf("%s is a folder: name one file", path)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file: it is read twice", path)
	case info.Size() == 0:
		return nil, fmt.Errorf("%s is empty", path)
	}
	f := &importFile{File: file}
	isXML, err := beginsLikeXML(file)
	if err != nil {
		return nil, err
	}
	unlock, err := unlockOf(cmd)
	if err != nil {
		return nil, err
	}
	if isXML {
		f.keys = pskc.NewReader(file, unlock)
	} else {
		if len(unlock.PreShared) > 0 || unlock.Password != "" {
			return nil, fmt.Errorf("%s is no PSKC file, which begins with <: only these are opened with a key or a password", path)
		}
		if f.keys, err = tokencsv.NewReader(file); err != nil {
			return nil, fmt.Errorf("nothing was imported: %w", err)
		}
	}
	if talk, ok := cmd.ErrOrStderr().(*os.File); ok && term.IsTerminal(int(talk.Fd())) && !asJSON(cmd) {
		f.bar = newBar(talk, info.Size())
	}
	return f, nil
}

func beginsLikeXML(file *os.File) (bool, error) {
	r := bufio.NewReader(file)
	for {
		c, _, err := r.ReadRune()
		if err != nil && !errors.Is(err, io.EOF) {
			return false, err
		}
		if err != nil || !unicode.IsSpace(c) && c != '\ufeff' {
			_, again := file.Seek(0, io.SeekStart)
			return c == '<', again
		}
	}
}

// unlockOf reads what opens an encrypted container.
func unlockOf(cmd *cobra.Command) (u pskc.Unlock, err error) {
	if wanted, _ := cmd.Flags().GetBool(keyFlag); wanted {
		if other, _ := cmd.Flags().GetBool(passwordFlag); other {
			return u, fmt.Errorf("--%s and --%s can't both be given: a file is encrypted in one way", keyFlag, passwordFlag)
		}
		line, err := input(cmd).read("key", true)
		if err != nil {
			return u, err
		}
		if u.PreShared, err = hex.DecodeString(line); err != nil || !slices.Contains([]int{16, 24, 32}, len(u.PreShared)) {
			return u, errors.New("the key on standard input must be 32, 48 or 64 hex digits")
		}
		return u, nil
	}
	u.Password, err = passwordLine(cmd)
	return u, err
}

// nameFlag says with which flag is given what an encrypted container needs.
func nameFlag(cmd *cobra.Command, err error) error {
	right, other := keyFlag, passwordFlag
	switch {
	case errors.Is(err, pskc.ErrNoKey):
	case errors.Is(err, pskc.ErrNoPassword):
		right, other = other, right
	default:
		return err
	}
	if wrong, _ := cmd.Flags().GetBool(other); wrong {
		return fmt.Errorf("%w with --%s, and not --%s", err, right, other)
	}
	return fmt.Errorf("%w with --%s", err, right)
}

func (f *importFile) Next() (pskc.Key, error) { return f.keys.Next() }

// signed says of a file that was read that there is a signature in it.
func (f *importFile) signed() bool {
	container, ok := f.keys.(*pskc.Reader)
	return ok && container.Signed()
}

// newBar makes a bar that is gone when it is full: it leaves its line to the summary.
func newBar(w io.Writer, size int64) *progressbar.ProgressBar {
	return progressbar.NewOptions64(size, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription("importing"),
		progressbar.OptionSetWidth(40), progressbar.OptionClearOnFinish())
}

// showBar shows how much of the file was read.
func (f *importFile) showBar() {
	if at, err := f.Seek(0, io.SeekCurrent); f.bar != nil && err == nil {
		_ = f.bar.Set64(at)
	}
}

// hideBar leaves its line to what is written next.
func (f *importFile) hideBar() {
	if f.bar != nil {
		_ = f.bar.Clear()
	}
}

func (f *importFile) endBar() {
	f.hideBar()
	f.bar = nil
}
