package command

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

const (
	passwordFlag = "password-stdin"
	secretFlag   = "secret-stdin"
)

// maxLine is longer than any password, secret or code.
const maxLine = 4 << 10

// lines are standard input: asked for with a prompt where a person types them.
type lines struct {
	reader   *bufio.Reader
	terminal int // its file descriptor; -1: none
	talk     io.Writer
}

func input(cmd *cobra.Command) *lines {
	in := cmd.InOrStdin()
	l := &lines{reader: bufio.NewReader(io.LimitReader(in, 2*maxLine)), terminal: -1, talk: cmd.ErrOrStderr()}
	if f, ok := in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		l.terminal = int(f.Fd())
	}
	return l
}

// read gives the next line without its ending. A hidden one is not echoed. An
// empty line is refused: it would read as nothing given, and make a random one.
func (l *lines) read(what string, hidden bool) (line string, err error) {
	if l.terminal >= 0 {
		fmt.Fprintf(l.talk, "%s: ", what)
	}
	if l.terminal >= 0 && hidden {
		line, err = readHidden(l.terminal)
		fmt.Fprintln(l.talk)
	} else {
		line, err = l.reader.ReadString('\n')
	}
	if err != nil && (!errors.Is(err, io.EOF) || line == "") {
		return "", fmt.Errorf("the %s is missing on standard input", what)
	}
	line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	switch {
	case line == "":
		return "", fmt.Errorf("the %s on standard input is empty", what)
	case len(line) > maxLine:
		return "", fmt.Errorf("the %s on standard input is longer than %d bytes", what, maxLine)
	}
	return line, nil
}

// readHidden reads a line without echo. Ctrl-C must not leave the terminal so.
func readHidden(terminal int) (string, error) {
	state, err := term.GetState(terminal)
	if err != nil {
		return "", err
	}
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	defer signal.Stop(interrupted)
	go func() {
		<-interrupted
		_ = term.Restore(terminal, state)
		os.Exit(1)
	}()
	typed, err := term.ReadPassword(terminal)
	return string(typed), err
}

// passwordLine reads the password if it is asked for; empty: make one. Spaces
// at its ends are part of it.
func passwordLine(cmd *cobra.Command) (string, error) {
	if wanted, _ := cmd.Flags().GetBool(passwordFlag); !wanted {
		return "", nil
	}
	return input(cmd).read("password", true)
}

// secretLine reads the Base32 secret if it is asked for; empty: make one.
func secretLine(cmd *cobra.Command) (string, error) {
	if wanted, _ := cmd.Flags().GetBool(secretFlag); !wanted {
		return "", nil
	}
	return input(cmd).read("secret", true)
}
