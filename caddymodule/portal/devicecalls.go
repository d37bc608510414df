package portal

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/app"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// deviceCall is what a device that answers asks for, and what its body has to have. Such a
// device is a program: it has no cookies, and proves who it is by what it signs.
type deviceCall struct {
	needs, may []string
	serve      func(*Portal, context.Context, *authcore.Core, map[string]string, authcore.Origin) (any, error)
}

var deviceCalls = map[string]deviceCall{
	"device/enrol":   {[]string{"token", "public_key", "proof"}, []string{"address"}, (*Portal).enrolKey},
	"device/waiting": {[]string{"fetch"}, nil, (*Portal).waiting},
	"device/answer":  {[]string{"answer"}, nil, (*Portal).takeAnswer},
}

func (p *Portal) enrolKey(ctx context.Context, core *authcore.Core, in map[string]string, from authcore.Origin) (any, error) {
	key, err := base64.StdEncoding.Strict().DecodeString(in["public_key"])
	if err != nil {
		return nil, authcore.Errorf(authcore.CodeInvalid, "the key is not Base64")
	}
	d, err := core.Devices.EnrolKey(ctx, authcore.KeyEnrolment{Token: in["token"], PublicKey: key, Proof: in["proof"], Address: in["address"]}, from)
	if err != nil {
		return nil, err
	}
	return map[string]string{"id": d.ID, "serial": d.Serial, "issuer": p.app.Issuer()}, nil
}

// pending is authcore.Pending as an app reads it.
type pending struct {
	ID        string    `json:"id"`
	Site      string    `json:"site"`
	User      string    `json:"user"`
	Address   string    `json:"address"`
	Request   string    `json:"request"`
	Code      string    `json:"code"`
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at"`
}

func (*Portal) waiting(ctx context.Context, core *authcore.Core, in map[string]string, from authcore.Origin) (any, error) {
	list, err := core.Devices.Waiting(ctx, in["fetch"], from)
	if err != nil {
		return nil, err
	}
	shown := []pending{} // or none would be null
	for _, one := range list {
		one.CreatedAt, one.ExpiresAt = one.CreatedAt.UTC().Truncate(time.Second), one.ExpiresAt.UTC().Truncate(time.Second)
		shown = append(shown, pending(one))
	}
	return map[string]any{"pending": shown}, nil
}

func (*Portal) takeAnswer(ctx context.Context, core *authcore.Core, in map[string]string, from authcore.Origin) (any, error) {
	_, err := core.Devices.Answer(ctx, in["answer"], from)
	return struct{}{}, err
}

// deviceCall answers a device. Nothing of what it sends is logged (law 11).
func (p *Portal) deviceCall(w http.ResponseWriter, r *http.Request, name string, call deviceCall) {
	caddyhttp.SetVar(r.Context(), caddyhttp.LogSkipVar, true)
	started, origin, rec := time.Now(), app.Origin(r), caddyhttp.NewResponseRecorder(w, nil, nil)
	answer, err := p.answerDevice(rec, r, call)
	if err != nil {
		p.refuseDevice(rec, name, err)
	} else {
		dialect.WriteJSON(rec, http.StatusOK, answer)
	}
	p.log.Info("handled", zap.String("call", name), zap.Int("status", rec.Status()), zap.Duration("duration", time.Since(started)),
		zap.String("client_ip", origin.Address), zap.String("request_id", origin.RequestID))
}

func (p *Portal) answerDevice(w http.ResponseWriter, r *http.Request, call deviceCall) (any, error) {
	if method, _ := app.Original(r); method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return nil, refusal{http.StatusMethodNotAllowed, "Send it as a POST."}
	}
	if !app.Secure(r) {
		return nil, refusal{http.StatusForbidden, "This is taken over HTTPS only."}
	}
	body, err := readCall(w, r)
	if err != nil {
		return nil, err
	}
	in, ok := readObject(body, call.needs, call.may)
	if !ok {
		return nil, refusal{http.StatusBadRequest, "The body is not the JSON object that this address takes."}
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerTime)
	defer cancel()
	core, err := p.app.Core(ctx)
	if err != nil {
		return nil, err
	}
	return call.serve(p, ctx, core, in, app.Origin(r))
}

// deviceRefusals say nothing of which part was wrong.
var deviceRefusals = map[authcore.Code]refusal{
	authcore.CodeInvalid:         {http.StatusBadRequest, "The key, its proof or the address is not taken."},
	authcore.CodeUnauthenticated: {http.StatusUnauthorized, "No device that counts here says this, or says it like this."},
	authcore.CodeConflict:        {http.StatusConflict, "Nothing waits for this answer, or not any more."},
	authcore.CodeThrottled:       {http.StatusTooManyRequests, "Too many calls: try again later."},
	authcore.CodeUnavailable:     {http.StatusServiceUnavailable, "The service can't answer right now: try again in a moment."},
}

// refuseDevice answers with problem details (RFC 9457).
func (p *Portal) refuseDevice(w http.ResponseWriter, name string, err error) {
	what, code := refusal{}, authcore.CodeOf(err)
	if !errors.As(err, &what) {
		known := false
		if what, known = deviceRefusals[code]; !known {
			what = refusal{http.StatusInternalServerError, "Tell whoever runs this site if it happens again."}
		}
		if !known || code == authcore.CodeUnavailable {
			p.log.Error("a device can't be answered", zap.String("call", name), zap.Error(err))
		}
	}
	switch what.status {
	case http.StatusUnauthorized: // RFC 9110 section 15.5.2 asks for one, and the proof is in the body
		w.Header().Set("WWW-Authenticate", `Doorward-Device realm="doorward"`)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		after := time.Second
		if e := new(authcore.Error); errors.As(err, &e) {
			after = max(after, e.RetryAfter)
		}
		w.Header().Set("Retry-After", strconv.Itoa(int((after+time.Second-1)/time.Second)))
	}
	dialect.WriteProblem(w, what.status, what.name)
}
