package stomp

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/go-stomp/stomp/v3/frame"
)

const (
	maxLine    = 8 << 10 // bytes of one header
	maxHeaders = 100
	maxBody    = 4 << 10 // bytes of an answer
)

var errFrame = errors.New("the broker sends what is not STOMP 1.2")

// message is a frame that was read. long: its body had more than maxBody bytes, and was
// thrown away.
type message struct {
	*frame.Frame
	long bool
}

// readFrame reads the next frame (STOMP 1.2, "STOMP Frames"), and the ends of lines before
// it, which are heart-beats. The library's own reader keeps whatever length a frame says it
// has: anybody who may write to the queue of the answers could fill the memory.
func readFrame(r *bufio.Reader) (message, error) {
	command := ""
	for command == "" {
		line, err := readLine(r)
		if err != nil {
			return message{}, err
		}
		command = line
	}
	f := frame.New(command)
	for {
		line, err := readLine(r)
		if err != nil {
			return message{}, err
		}
		if line == "" {
			break
		}
		name, value, found := strings.Cut(line, ":")
		if !found || f.Header.Len() == maxHeaders {
			return message{}, errFrame
		}
		f.Header.Add(unescape.Replace(name), unescape.Replace(value))
	}
	length, given := f.Header.Contains(frame.ContentLength) // the first of several counts
	if !given {
		return readUntilNull(r, f)
	}
	n, err := strconv.ParseInt(length, 10, 64)
	if err != nil || n < 0 {
		return message{}, errFrame
	}
	m := message{Frame: f, long: n > maxBody}
	if m.long {
		_, err = io.CopyN(io.Discard, r, n)
	} else {
		f.Body = make([]byte, n)
		_, err = io.ReadFull(r, f.Body)
	}
	if err != nil {
		return message{}, err
	}
	if end, err := r.ReadByte(); err != nil || end != 0 {
		return message{}, errors.Join(errFrame, err)
	}
	return m, nil
}

func readUntilNull(r *bufio.Reader, f *frame.Frame) (message, error) {
	m := message{Frame: f}
	for {
		b, err := r.ReadByte()
		switch {
		case err != nil:
			return message{}, err
		case b == 0:
			return m, nil
		case len(f.Body) == maxBody:
			m.long = true
		default:
			f.Body = append(f.Body, b)
		}
	}
}

var unescape = strings.NewReplacer(`\r`, "\r", `\n`, "\n", `\c`, ":", `\\`, `\`)

func readLine(r *bufio.Reader) (string, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return "", err
		}
		if line = append(line, part...); len(line) > maxLine {
			return "", errFrame
		}
		if err == nil {
			return strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r"), nil
		}
	}
}
