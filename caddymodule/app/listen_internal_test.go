package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/doorward/doorward/authcore"
)

// An answer comes again as long as the store is away, and only then. What a defect loses is
// in the log; what a device did wrong is not: the audit trail has it.
func TestAnswersThatAreDealtWith(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end()
	for what, c := range map[string]struct {
		ctx          context.Context
		err          error
		again, lines bool
	}{
		"taken":            {t.Context(), nil, false, false},
		"of nobody":        {t.Context(), authcore.Errorf(authcore.CodeUnauthenticated, "no device"), false, false},
		"late":             {t.Context(), authcore.Errorf(authcore.CodeConflict, "late"), false, false},
		"the store's away": {t.Context(), authcore.Unavailable(errors.New("dial")), true, false},
		"a reload":         {ended, errors.New("canceled"), true, false},
		"a defect":         {t.Context(), errors.New("no such column"), false, true},
		"a defect of ours": {t.Context(), authcore.Wrap(authcore.CodeInternal, errors.New("no such column"), "it is lost"), false, true},
	} {
		var log bytes.Buffer
		a := &App{log: slog.New(slog.NewTextHandler(&log, nil))}
		err := a.dealt(c.ctx, c.err)
		if got := authcore.CodeOf(err) == authcore.CodeUnavailable; got != c.again || !c.again && err != nil {
			t.Errorf("%s: %v", what, err)
		}
		line := log.String()
		if (line != "") != c.lines || c.lines && (!strings.Contains(line, "level=ERROR") || !strings.Contains(line, fmt.Sprint(c.err))) {
			t.Errorf("%s: the log has %q", what, line)
		}
	}
}
