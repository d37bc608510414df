package authcore

import (
	"context"
	"crypto/rand"
	"regexp"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/crypto/argon2"
)

// backupCodes is how many a set has: each costs a hash to make.
const backupCodes = 5

// A backup code is 13 characters of Base32: 65 bits of crypto/rand. NIST SP
// 800-63B section 3.1.2 asks for a password hash below 112 bits.
const backupLength = 13

var backupCode = regexp.MustCompile(`^[A-Za-z2-7]{13}$`)

func isBackupCode(code string) bool { return backupCode.MatchString(code) }

// BackupSet is what is known of a user's backup codes.
type BackupSet struct {
	All, Used int
	// Number differs from that of every set before; -1: he has none.
	Number int64
}

// BackupCodes says what backup codes the user that actor is has.
func (s *Devices) BackupCodes(ctx context.Context, actor Actor) (set BackupSet, err error) {
	if actor.kind != actorUser || actor.userID == "" {
		return BackupSet{}, Errorf(CodeForbidden, "only a user has backup codes")
	}
	err = s.store.Read(ctx, func(tx Tx) error {
		u, err := findUser(tx, actor, actor.userID)
		if err != nil {
			return err
		}
		d, err := backupDevice(tx, u)
		set.Number = setOf(d)
		if err != nil || d.ID == "" {
			return err
		}
		set.All, set.Used, err = tx.BackupCodes(d.ID)
		return err
	})
	return set, err
}

// backupDevice is the one that holds u's codes; zero when he has none.
func backupDevice(tx Tx, u User) (Device, error) {
	devices, err := tx.Devices(u.Tenant, u.ID)
	for _, d := range devices {
		if d.Kind == KindBackup && (d.Status == StatusActive || d.Status == StatusBlocked) {
			return d, err
		}
	}
	return Device{}, err
}

// AnyCodes makes NewBackupCodes replace whatever codes there are.
const AnyCodes = -2

// setOf numbers the set of codes that a device holds, which its counter counts; -1
// when there is none.
func setOf(d Device) int64 {
	if d.ID == "" {
		return -1
	}
	return d.LastCounter
}

// NewBackupCodes makes backup codes for the user that actor is, in place of all
// he had, and shows them this once; replaces is BackupSet.Number of what he knows
// of, or AnyCodes. Both factors must have been shown in the last ten minutes: else
// CodeStepUp. CodeConflict: an operator blocked his codes, or he has made others
// meanwhile, as when he sends a form again.
func (s *Devices) NewBackupCodes(ctx context.Context, actor Actor, replaces int64) ([]string, error) {
	if err := actor.changesFactors(s.now()); err != nil {
		return nil, err
	}
	var u User
	var old Device
	err := s.store.Read(ctx, func(tx Tx) (err error) {
		if u, err = findUser(tx, actor, actor.userID); err != nil {
			return err
		}
		old, err = backupDevice(tx, u)
		return err
	})
	if err != nil {
		return nil, err
	}
	d := Device{
		ID: uuid.NewString(), Tenant: u.Tenant, UserID: u.ID, Serial: rand.Text()[:12], Kind: KindBackup,
		Status: StatusActive, LastCounter: -1, CreatedAt: s.now(),
	}
	if old.ID != "" {
		d = old
	}
	codes, digests, err := s.drawBackupCodes(ctx, d)
	if err != nil {
		return nil, err
	}
	if err := s.storeBackupCodes(ctx, actor, u, d, old.ID, replaces, digests); err != nil {
		return nil, err
	}
	return codes, nil
}

func (s *Devices) drawBackupCodes(ctx context.Context, d Device) (codes []string, digests [][]byte, err error) {
	for range backupCodes {
		code := strings.ToLower(rand.Text()[:backupLength])
		digest, err := s.backupDigest(ctx, d.UserID, d, code) // his share of the queue
		if err != nil {
			return nil, nil, err
		}
		codes, digests = append(codes, code), append(digests, digest)
	}
	return codes, digests, nil
}

// storeBackupCodes refuses when the user's codes were made or blocked meanwhile.
func (s *Devices) storeBackupCodes(ctx context.Context, actor Actor, u User, d Device, old string, replaces int64, digests [][]byte) error {
	return s.write(ctx, func(tx *journal) error {
		if err := tx.LockUser(u.ID); err != nil {
			return err
		}
		if err := actor.stands(tx); err != nil {
			return err
		}
		now, err := backupDevice(tx, u)
		if err != nil {
			return err
		}
		if now.Status == StatusBlocked {
			return Errorf(CodeConflict, "your backup codes are blocked: ask whoever runs this site")
		}
		if now.ID != old || replaces != AnyCodes && replaces != setOf(now) {
			return Errorf(CodeConflict, "backup codes were made just now")
		}
		if old == "" {
			if err := tx.CreateDevice(d); err != nil {
				return err
			}
		}
		if err := tx.PutBackupCodes(d.ID, digests); err != nil {
			return err
		}
		return s.record(tx, s.deviceEvent(actor, d, "device.backup_codes", ""))
	})
}

// backupDigest hashes a code as a password is, with the device's ID for a salt,
// so that one hash is compared with all codes of a set.
func (c *Core) backupDigest(ctx context.Context, caller string, d Device, code string) ([]byte, error) {
	release, err := c.live.Hasher.acquire(ctx, caller)
	if err != nil {
		return nil, err
	}
	defer release()
	p := hashParams
	return argon2.IDKey([]byte(strings.ToLower(code)), []byte(d.ID), p.Iterations, p.Memory, p.Parallelism, p.KeyLength), nil
}
