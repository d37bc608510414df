package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/app"
)

// operation answers one request. It decodes, calls the core and gives a shape.
type operation func(ctx context.Context, a *app.App, body json.RawMessage) (any, error)

// operations are all there is, by noun and verb.
var operations = map[string]operation{
	"user/add":      strict(addUser),
	"user/list":     strict(listUsers),
	"user/show":     strict(showUser),
	"user/disable":  strict(disableUser),
	"user/enable":   strict(enableUser),
	"user/remove":   strict(removeUser),
	"user/password": strict(setPassword),
	"user/invite":   strictWithApp(inviteUser),
	"user/link":     strict(linkUser),
	"user/unlink":   strict(unlinkUser),

	"device/add":        strict(addDevice),
	"device/list":       strict(listDevices),
	"device/show":       strict(showDevice),
	"device/block":      strict(blockDevice),
	"device/unblock":    strict(unblockDevice),
	"device/deactivate": strict(deactivateDevice),
	"device/remove":     strict(removeDevice),
	"device/resync":     strict(resyncDevice),
	"device/assign":     strict(assignDevice),
	"device/unassign":   strict(unassignDevice),
	"device/approve":    strict(approveDevice),
	"device/refuse":     strict(refuseDevice),

	"device/import/begin":   strict(beginImport),
	"device/import/stage":   strict(stageImport),
	"device/import/check":   strict(checkImport),
	"device/import/end":     strict(endImport),
	"device/import/abandon": strict(abandonImport),

	"session/list":   strict(listSessions),
	"session/revoke": strict(revokeSession),

	"key/rotate":  strict(rotateKey),
	"seal/rotate": strict(rotateSeal),

	"integrator/add":    strict(addIntegrator),
	"integrator/list":   strict(listIntegrators),
	"integrator/remove": strict(removeIntegrator),

	"account/add":     strict(addAccount),
	"account/list":    strict(listAccounts),
	"account/block":   strict(blockAccount),
	"account/unblock": strict(unblockAccount),
	"account/close":   strict(closeAccount),

	"approver/add":    strict(addApprover),
	"approver/list":   strict(listApprovers),
	"approver/remove": strict(removeApprover),

	"store/restored": strict(storeRestored),
}

// strict makes an operation of a function over decoded words.
func strict[In, Out any](do func(context.Context, *authcore.Core, In) (Out, error)) operation {
	return strictWithApp(func(ctx context.Context, _ *app.App, core *authcore.Core, in In) (Out, error) {
		return do(ctx, core, in)
	})
}

// strictWithApp is strict for what the core does not know: where people find it.
func strictWithApp[In, Out any](do func(context.Context, *app.App, *authcore.Core, In) (Out, error)) operation {
	return func(ctx context.Context, a *app.App, body json.RawMessage) (any, error) {
		var in In
		if err := decode(body, &in); err != nil {
			return nil, err
		}
		if tenant, named := any(in).(interface{ check() error }); named {
			if err := tenant.check(); err != nil {
				return nil, err
			}
		}
		core, err := a.Core(ctx)
		if err != nil {
			return nil, err
		}
		return do(ctx, a, core, in)
	}
}

// decode reads one JSON object without unknown words. The errors name fields
// and places but repeat no value: one of them is a password.
func decode(body []byte, in any) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(in)
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind) && kind.Field == "":
		return authcore.Errorf(authcore.CodeInvalid, "the body is not a JSON object")
	case errors.As(err, &kind):
		return authcore.Errorf(authcore.CodeInvalid, "the field %q of the body has the wrong type: it must be %s", kind.Field, kind.Type)
	case errors.As(err, &syntax):
		return authcore.Errorf(authcore.CodeInvalid, "the body is not JSON, see byte %d", syntax.Offset)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return authcore.Errorf(authcore.CodeInvalid, "the body ends before its JSON object does")
	case err != nil: // an unknown field, in encoding/json's words
		return authcore.Wrap(authcore.CodeInvalid, err, fmt.Sprintf("the body: %v", err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return authcore.Errorf(authcore.CodeInvalid, "the body has more than one JSON value")
	}
	return nil
}

// shapes turns rows of the core into a JSON array, also when there are none.
func shapes[Row, Shape any](rows []Row, err error, shape func(Row) Shape) ([]Shape, error) {
	list := make([]Shape, len(rows))
	for i, row := range rows {
		list[i] = shape(row)
	}
	return list, err
}
