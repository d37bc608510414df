package log

import (
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/doorward/doorward/authcore"
)

// Without the word, neither the Caddyfile nor JSON gets a channel that shows
// codes.
func TestItMustBeNamed(t *testing.T) {
	ctx, cancel := caddy.NewContext(caddy.Context{Context: t.Context()})
	defer cancel()
	for _, block := range []string{"log", "log {\n}"} {
		if err := new(Log).UnmarshalCaddyfile(caddyfile.NewTestDispenser(block)); err == nil || !strings.Contains(err.Error(), "write 'insecure' into its block") {
			t.Errorf("%q gives %v", block, err)
		}
	}
	if _, err := ctx.LoadModuleByID("doorward.channels.log", []byte(`{}`)); err == nil || !strings.Contains(err.Error(), "write 'insecure' into its block") {
		t.Errorf("JSON without it gives %v", err)
	}
	if _, err := ctx.LoadModuleByID("doorward.channels.log", []byte(`{"insecure": true}`)); err != nil {
		t.Error(err)
	}
}

func TestMessageStandsInTheLog(t *testing.T) {
	core, logs := observer.New(zap.DebugLevel)
	l := &Log{log: zap.New(core)}
	if err := l.Send(t.Context(), authcore.Message{To: "+79001234567", Subject: "Your code", Text: "123456 is your code"}); err != nil {
		t.Fatal(err)
	}
	all := logs.All()
	if len(all) != 1 || all[0].Level != zap.WarnLevel {
		t.Fatalf("%v", all)
	}
	if fields := all[0].ContextMap(); fields["to"] != "+79001234567" || fields["text"] != "123456 is your code" || fields["subject"] != "Your code" {
		t.Errorf("%v", fields)
	}
}
