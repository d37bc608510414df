package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/textproto"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"github.com/doorward/doorward/authcore"
)

// farewell is how long a server that has taken the message may take to say
// goodbye.
const farewell = 500 * time.Millisecond

// Reaches who has an e-mail address.
func (*SMTP) Reaches(kind authcore.DeviceKind) bool { return kind == authcore.KindEmail }

// Send delivers m to the mail server. It returns before ctx ends and within the
// time-out, wherever the server stops answering.
func (s *SMTP) Send(ctx context.Context, m authcore.Message) error {
	letter, err := s.letter(m)
	if err != nil {
		return unsent(err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	conn, err := s.dial(ctx)
	if err != nil {
		return unsent(err)
	}
	defer conn.Close()
	// go-mail sets deadlines anew at each step: the end of ctx must end them all.
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	client, err := s.client(ctx, conn)
	if err != nil {
		return unsent(err)
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return unsent(s.plain(ctx, "refuses the connection or the login", err))
	}
	err = client.SendWithSMTPClient(session, letter)
	if letter.IsDelivered() {
		if conn.SetDeadline(time.Now().Add(farewell)) == nil {
			_ = client.CloseWithSMTPClient(session) // it has the message: its goodbye changes nothing
		}
		return nil
	}
	return s.failed(ctx, err)
}

// failed tells what surely was not sent from what may have been: once the final
// dot is on its way, only an answer says that the server did not take the
// message (RFC 5321 section 4.5.3.2.6).
func (s *SMTP) failed(ctx context.Context, err error) error {
	step, answer := "stops answering", 0
	if e := new(gomail.SendError); errors.As(err, &e) {
		answer = e.ErrorCode()
		switch e.Reason {
		case gomail.ErrSMTPMailFrom:
			step = "refuses the sender"
		case gomail.ErrSMTPRcptTo:
			step = "refuses the recipient"
		case gomail.ErrSMTPData, gomail.ErrWriteContent:
			step = "refuses the message"
		case gomail.ErrSMTPDataClose:
			if answer == 0 {
				return authcore.Wrap(authcore.CodeInternal, s.plain(ctx, "does not say whether it took the message", nil),
					"the message may not have been delivered")
			}
			step = "refuses the message"
		}
	}
	if answer != 0 { // without its text, which may hold the address
		step = fmt.Sprintf("%s with %d", step, answer)
	}
	return unsent(s.plain(ctx, step, nil))
}

// plain says what went wrong without the words of a server, which may repeat
// the address or the name of the account.
func (s *SMTP) plain(ctx context.Context, step string, err error) error {
	answer := new(textproto.Error)
	protocol := textproto.ProtocolError("")
	switch {
	case ctx.Err() != nil:
		step += ": it took too long"
	case errors.As(err, &answer):
		step = fmt.Sprintf("%s with %d", step, answer.Code)
	case errors.As(err, &protocol):
		step = "does not speak SMTP"
	case err != nil: // ours, TLS's or the network's
		return fmt.Errorf("mail server %s: %w", s.address(), err)
	}
	return fmt.Errorf("mail server %s %s", s.address(), step)
}

func unsent(err error) error {
	return authcore.Wrap(authcore.CodeUnavailable, err, "the message could not be delivered")
}

// client speaks over conn, which is closed by Send alone.
func (s *SMTP) client(ctx context.Context, conn net.Conn) (*gomail.Client, error) {
	config := &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}
	options := []gomail.Option{
		gomail.WithPort(s.port), gomail.WithTimeout(s.timeout), gomail.WithTLSConfig(config),
		gomail.WithoutNoop(), gomail.WithoutRset(), // one message, one connection
	}
	switch s.tls {
	case "implicit":
		secure := tls.Client(conn, config)
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, s.plain(ctx, "ends the TLS handshake", err)
		}
		conn = secure
		options = append(options, gomail.WithSSL())
	case "none":
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if s.username != "" {
		options = append(options, gomail.WithUsername(s.username), gomail.WithPassword(s.password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	options = append(options, gomail.WithDialContextFunc(func(context.Context, string, string) (net.Conn, error) { return conn, nil }))
	client, err := gomail.NewClient(s.host, options...)
	if err != nil {
		return nil, fmt.Errorf("mail server %s: %w", s.address(), err)
	}
	return client, nil
}

// letter is m as RFC 5322 wants it, in plain text.
func (s *SMTP) letter(m authcore.Message) (*gomail.Msg, error) {
	to, err := mail.ParseAddress(m.To)
	if err != nil || to.Address != m.To || hasControl(m.To) { // a list, a name or a comment beside it is none
		return nil, errors.New("the recipient is not an e-mail address")
	}
	if hasControl(m.Subject) || hasControl(m.ID) {
		return nil, errors.New("a header of the message would have a control character")
	}
	letter := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	letter.FromMailAddress(s.from)
	letter.ToMailAddress(to)
	letter.Subject(m.Subject)
	letter.SetDate()
	domain := s.from.Address[strings.LastIndexByte(s.from.Address, '@')+1:]
	letter.SetMessageIDWithValue(m.ID + "@" + domain)
	letter.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office reply
	letter.SetBodyString(gomail.TypeTextPlain, m.Text)
	return letter, nil
}

func hasControl(text string) bool { return strings.ContainsFunc(text, unicode.IsControl) }
