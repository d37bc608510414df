package authcore_test

import (
	"sync/atomic"
	"testing"

	"github.com/doorward/doorward/authcore"
)

// BenchmarkGatekeeper measures a token that is known (hit), and one that is
// verified and held against the store (miss).
func BenchmarkGatekeeper(b *testing.B) {
	for _, algorithm := range []string{authcore.ES256, authcore.EdDSA} {
		h := newCore(b, func(o *authcore.Options) { o.Algorithm = algorithm })
		m := h.member(b, "alice")
		tokens := make([]string, 16)
		for i := range tokens {
			tokens[i] = h.login(b, m).Token
		}
		h.passes(b, tokens[0])
		b.Run(algorithm+"/hit", func(b *testing.B) { benchAuthenticate(b, h, tokens[:1]) })
		forgetful := h.again(b, nil)
		forgetful.live.Forgetful()
		b.Run(algorithm+"/miss", func(b *testing.B) { benchAuthenticate(b, forgetful, tokens) })
	}
}

// benchAuthenticate shows the tokens in turn, on one core and on all.
func benchAuthenticate(b *testing.B, h *house, tokens []string) {
	var turn atomic.Uint64
	one := func(b *testing.B) {
		token := tokens[turn.Add(1)%uint64(len(tokens))]
		if _, err := h.Gatekeeper.Authenticate(b.Context(), token, site); err != nil {
			b.Error(err)
		}
	}
	b.Run("serial", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			one(b)
		}
	})
	b.Run("parallel", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				one(b)
			}
		})
	})
}
