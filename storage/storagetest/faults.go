// Package storagetest checks that a Store keeps the contract of
// authcore/ports.go, and can make a database misbehave.
package storagetest

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"
	"sync"
)

// Faults stands between database/sql and a driver: it counts the calls and
// makes chosen ones fail. The zero value is ready and changes nothing. One
// Faults may wrap several connectors; its numbers are those of all of them.
// It is safe for concurrent use.
type Faults struct {
	// Before, if set, is called before every statement, with its text, and
	// before every begin ("BEGIN") and commit ("COMMIT"). It may block, to play
	// a frozen database. Set it before the first use.
	Before func(query string)

	mu              sync.Mutex
	begins, commits int64
	queries         []string
	failIn          int
	failWith        error
	miscountIn      int
	miscount        driver.RowsAffected
}

// ErrInjected is what fails when FailNext is given no error.
var ErrInjected = errors.New("storagetest: injected failure")

// Wrap puts f before c. It has the type of sqlite.Options.Wrap.
func (f *Faults) Wrap(c driver.Connector) driver.Connector { return &connector{c, f} }

// Count is the number of statements since the start or Reset. Begin, commit
// and rollback are no statements.
func (f *Faults) Count() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return int64(len(f.queries))
}

// CountMatching is the number of statements whose text contains part.
func (f *Faults) CountMatching(part string) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	var n int64
	for _, q := range f.queries {
		if strings.Contains(q, part) {
			n++
		}
	}
	return n
}

// Begins is the number of transactions that were begun.
func (f *Faults) Begins() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.begins
}

// Commits is the number of commits that were tried.
func (f *Faults) Commits() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.commits
}

// FailNext makes the n-th call from now fail with err (nil: ErrInjected), once;
// n is 1 or more. A begin, a statement and a commit are a call each. The call
// does not reach the database; a commit that fails is rolled back.
func (f *Faults) FailNext(n int, err error) {
	if err == nil {
		err = ErrInjected
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failIn, f.failWith = n, err
}

// MiscountNext makes the n-th statement from now that changes rows claim that
// they were so many, once. It reaches the database.
func (f *Faults) MiscountNext(n int, rows int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.miscountIn, f.miscount = n, driver.RowsAffected(rows)
}

// Pending says whether what FailNext or MiscountNext ordered has not happened
// yet.
func (f *Faults) Pending() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failIn > 0 || f.miscountIn > 0
}

// counted is what a statement says that it touched.
func (f *Faults) counted(r driver.Result, err error) (driver.Result, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.miscountIn > 0 {
		if f.miscountIn--; f.miscountIn == 0 && err == nil {
			return f.miscount, nil
		}
	}
	return r, err
}

// Reset forgets the counts and a pending failure. Before stays.
func (f *Faults) Reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.begins, f.commits, f.queries, f.failIn, f.miscountIn = 0, 0, nil, 0, 0
}

// pass notes one call and gives the error it must fail with, if any.
func (f *Faults) pass(count func()) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	count()
	if f.failIn > 0 {
		if f.failIn--; f.failIn == 0 {
			return f.failWith
		}
	}
	return nil
}

func (f *Faults) statement(query string) error {
	if f.Before != nil {
		f.Before(query)
	}
	return f.pass(func() { f.queries = append(f.queries, query) })
}

func (f *Faults) begin() error {
	if f.Before != nil {
		f.Before("BEGIN")
	}
	return f.pass(func() { f.begins++ })
}

func (f *Faults) commit() error {
	if f.Before != nil {
		f.Before("COMMIT")
	}
	return f.pass(func() { f.commits++ })
}

type connector struct {
	driver.Connector
	faults *Faults
}

func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{inner, c.faults}, nil
}
