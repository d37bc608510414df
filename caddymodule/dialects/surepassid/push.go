package surepassid

import (
	"strings"

	"github.com/doorward/doorward/authcore"
)

// pushed is what the integrator gets. The number is ours: he shows it to the person, whose
// app asks for it.
type pushed struct {
	ID     string `json:"AuthnUserReqId"`
	Number string `json:"number"`
}

// sendPush asks a device that answers. The person reads who wants it, and why.
func sendPush(x *exchange) (any, error) {
	if !strings.EqualFold(x.text("deliveryMethod"), "pushapp") {
		return nil, fail(9044, "deliveryMethod is pushapp: there are no questions by SMS, and no U2F")
	}
	ref := x.text("psn", "printedSerialNumber")
	if ref != "" {
		if err := checkPSN(ref); err != nil {
			return nil, err
		}
	}
	var words []string
	for _, name := range []string{"appName", "accountName", "reason"} {
		if text := x.text(name); text != "" {
			words = append(words, text)
		}
	}
	asked, err := x.Core.Devices.Ask(x.Context(), x.actor, authcore.Ask{
		User: x.text("username"), Device: ref, Request: strings.Join(words, ", "), From: x.Origin,
	})
	if err != nil {
		return nil, inState(err, asked.Device)
	}
	return pushed{asked.ID, asked.Number}, nil
}

// pushAnswer says that the user accepted: nothing else is a success.
type pushAnswer struct {
	Response string `json:"response"`
}

// receivePush says how a question stands. Whether the user accepted, his device says, and
// not the response that whoever calls may send.
func receivePush(x *exchange) (any, error) {
	id := x.text("authnUserReqId")
	if id == "" {
		return nil, fail(9025, "authnUserReqId is missing")
	}
	asked, err := x.Core.Devices.AnswerTo(x.Context(), x.actor, id, x.Origin)
	switch {
	case authcore.CodeOf(err) == authcore.CodeNotFound:
		return nil, &failure{number: 9026, err: err}
	case err != nil:
		return nil, inState(err, asked.Device)
	case asked.Answer == authcore.AnswerYes:
		return pushAnswer{"User accepted"}, nil
	case asked.Answer == authcore.AnswerNo:
		return nil, fail(9027, "the user said no")
	}
	return nil, fail(9023, "the user has not answered yet: ask again")
}
