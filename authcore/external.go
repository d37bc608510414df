package authcore

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
)

// Sources names the identity sources there are.
func (l *Logins) Sources() []string { return slices.Sorted(maps.Keys(l.identities)) }

// Offered are the kinds that a second factor may have here, the one that is
// offered first before the others.
func (l *Logins) Offered() Factors {
	return slices.DeleteFunc(slices.Clone(l.factors), func(k DeviceKind) bool { return k == KindBackup })
}

// External checks what a client brings from the identity source that a names,
// in place of a password. Whatever is wrong, an account that is linked to
// nobody and an unknown source among it, it costs and answers as a wrong
// password does (law 12). The try is counted before the source is asked, and
// the source is asked outside of any transaction.
//
// CodeUnavailable: the source does not answer; no try was used up.
func (l *Logins) External(ctx context.Context, a Attempt, source string, proof Proof) (*Verified, error) {
	if a.Tenant == "" {
		a.Tenant = DefaultTenant
	}
	a.Password = ""
	if err := l.inTime(); err != nil {
		return nil, err
	}
	if source = strings.ToLower(source); l.identities[source] == nil {
		source = noSource
	}
	key := sourceKey(a, source)
	counted, err := l.countProof(ctx, key)
	if err != nil {
		return nil, err
	}
	subject, reason := "", "throttled"
	if counted {
		subject, reason, err = l.askSource(ctx, source, proof)
	}
	if err != nil {
		return nil, l.takeBack(ctx, key, err)
	}
	return l.decideProof(ctx, a, Identity{Tenant: a.Tenant, Source: source, Subject: subject}, key, reason)
}

// noSource stands for all names that no source has: they are the caller's
// choice, and must grow no table. No source can have this one.
const noSource = "?"

// sourceKey counts the tries of an address at one source.
func sourceKey(a Attempt, source string) AttemptKey {
	sum := sha256.Sum256([]byte(a.Tenant + "\x00" + source))
	return AttemptKey{AttemptPasswordAddress, "source:" + hex.EncodeToString(sum[:16]) + "|" + addressKey(a.From.Address)}
}

// countProof counts a try. There is no counter of a source from everywhere: it
// would let one caller pause the source for all, and what a source takes as
// proof is not guessed. Its statement is spent nevertheless (law 12).
func (l *Logins) countProof(ctx context.Context, key AttemptKey) (counted bool, err error) {
	now := l.now()
	err = l.store.Write(ctx, func(tx Tx) error {
		var err error
		if counted, err = tx.Reserve(key, l.limits.PasswordAddress, now); err != nil {
			return err
		}
		_, err = tx.Attempts(key)
		return err
	})
	return counted, err
}

// askSource gives the account that the proof shows, or the reason why none. The
// error is that of a source that is away: any other is a wrong proof.
func (l *Logins) askSource(ctx context.Context, source string, proof Proof) (subject, reason string, err error) {
	asked := l.identities[source]
	if asked == nil {
		return "", "unknown_source", nil
	}
	subject, err = asked.Verify(ctx, proof)
	switch {
	case err == nil && checkSubject(subject) == nil:
		return subject, "", nil
	case CodeOf(err) == CodeUnavailable:
		l.log.Warn("an identity source does not answer", "source", source, "error", err)
		return "", "", err
	}
	l.log.Debug("a proof is refused", "source", source, "error", err)
	return "", "wrong_proof", nil
}

// takeBack refunds a try that could not be decided, although the caller's time
// may be up, and gives why.
func (l *Logins) takeBack(ctx context.Context, key AttemptKey, why error) error {
	ctx, cancel := afterwards(ctx)
	defer cancel()
	err := l.store.Write(ctx, func(tx Tx) error { return tx.Refund(key) })
	if err != nil {
		return err
	}
	return why
}

// decideProof looks the user up, whatever is known against the proof already:
// each refusal has the statements of the others.
func (l *Logins) decideProof(ctx context.Context, a Attempt, account Identity, key AttemptKey, reason string) (*Verified, error) {
	var u User
	err := l.write(ctx, func(tx *journal) (err error) {
		u, err = tx.UserByIdentity(account.Tenant, account.Source, account.Subject)
		if err != nil && CodeOf(err) != CodeNotFound {
			return err
		}
		switch {
		case reason != "": // was told before
		case u.ID == "":
			reason = "unlinked"
		case u.Disabled:
			reason = "disabled"
		default:
			if err := tx.Succeed(key); err != nil {
				return err
			}
		}
		return l.record(tx, l.proofEvent(a, u, reason))
	})
	if err != nil {
		return nil, err
	}
	if reason != "" {
		return nil, l.refuseProof(ctx, a)
	}
	return &Verified{user: u, attempt: a, at: l.now(), external: true, flow: rand.Text()}, nil
}

func (l *Logins) proofEvent(a Attempt, u User, reason string) Event {
	e := l.event(a, u, "login.identity", OutcomeRefused, reason)
	if e.Factor = "fed"; reason == "" {
		e.Outcome = OutcomeOK
	}
	return e
}

// refuseProof spends the hash of a wrong password.
func (l *Logins) refuseProof(ctx context.Context, a Attempt) error {
	release, err := l.live.Hasher.acquire(ctx, addressKey(a.From.Address))
	if err != nil {
		return err
	}
	defer release()
	l.live.Hasher.verify("", "")
	return loginRefused()
}
