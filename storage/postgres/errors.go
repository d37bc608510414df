package postgres

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"

	"github.com/lib/pq"

	"github.com/doorward/doorward/authcore"
)

// code tells a value that does not fit from a database in trouble, by the
// SQLSTATE (PostgreSQL's documentation, appendix A).
func code(err error) authcore.Code {
	var e *pq.Error
	if errors.As(err, &e) {
		switch e.Code {
		case "23505", "23503": // unique_violation, foreign_key_violation
			return authcore.CodeConflict
		}
		if e.Code.Class() == "22" { // data exception: a NUL or bad UTF-8, a number out of range
			return authcore.CodeInvalid
		}
	}
	return authcore.CodeUnavailable
}

// problem says why the database can't be used at start, and whether it may pass.
func problem(err error) error {
	var ours *authcore.Error
	if errors.As(err, &ours) {
		return authcore.Wrap(ours.Code, errors.Unwrap(ours), "PostgreSQL: "+ours.Message)
	}
	var e *pq.Error
	if errors.As(err, &e) {
		switch {
		case e.Code.Class() == "28", // invalid authorization
			e.Code == "3D000",                    // no such database
			e.Code == "42501", e.Code == "3F000": // insufficient privilege, no schema to create in
			return authcore.Wrap(authcore.CodeInvalid, err, "PostgreSQL refuses: "+e.Message)
		}
	}
	var certificate *tls.CertificateVerificationError
	var host x509.HostnameError
	var file *fs.PathError
	switch {
	case errors.As(err, &file): // of sslrootcert, sslcert or sslkey
		return authcore.Wrap(authcore.CodeInvalid, err, "a file that the DSN of PostgreSQL names can't be used: "+file.Error())
	case errors.Is(err, pq.ErrSSLNotSupported):
		return authcore.Wrap(authcore.CodeInvalid, err,
			"PostgreSQL offers no TLS: turn on ssl there, or say sslmode=disable in the DSN (TLS is the default when its host is not this machine)")
	case errors.As(err, &certificate), errors.As(err, &host):
		return authcore.Wrap(authcore.CodeInvalid, err,
			"the certificate of PostgreSQL can't be verified: "+err.Error()+": name its authority with sslrootcert=FILE in the DSN")
	}
	return authcore.Unavailable(errors.Join(errors.New("PostgreSQL"), err))
}
