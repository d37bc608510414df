package portal

import (
	"context"
	"net/http"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/pages"
)

func device(a *account, d authcore.Device) error {
	return a.show(http.StatusOK, a.oneDevice(d, d.Name))
}

func (a *account) oneDevice(d authcore.Device, typed string) pages.View {
	return a.view("device", pages.OneDevice{OwnDevice: a.shown(d), Typed: typed})
}

func renameDevice(a *account, d authcore.Device) error {
	name := a.form.Get("name")
	_, err := a.core.Devices.Rename(a.r.Context(), a.actor, d.ID, name)
	if err != nil && authcore.CodeOf(err) == authcore.CodeInvalid {
		view := a.oneDevice(d, name)
		view.Error, view.Field = "device.name.wrong", "name"
		return a.show(http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	return a.done("devices", "renamed")
}

// stopping is a way to stop a device: it is asked about on a page, and done by
// the form on that.
type stopping struct {
	word, done string
	stop       func(*authcore.Devices, context.Context, authcore.Actor, string) (authcore.Device, error)
}

var (
	blocking = stopping{"block", "blocked", (*authcore.Devices).Block}
	removing = stopping{"remove", "removed", (*authcore.Devices).Deactivate}
)

func (s stopping) ask(a *account, d authcore.Device) error { return s.show(a, d, http.StatusOK, "") }

func (s stopping) show(a *account, d authcore.Device, status int, problem string) error {
	view := a.view("confirm", pages.Confirm{OwnDevice: a.shown(d), Word: s.word})
	view.Title, view.Error = "confirm.title."+s.word, problem
	return a.show(status, view)
}

func (s stopping) do(a *account, d authcore.Device) error {
	_, err := s.stop(a.core.Devices, a.r.Context(), a.actor, d.ID)
	switch {
	case err != nil && authcore.CodeOf(err) == authcore.CodeConflict:
		return s.refused(a, d)
	case err != nil:
		return err
	case a.isHere(d):
		return a.leave("device")
	}
	return a.done("devices", s.done)
}

// refused says why by what the device is now: an active one can be stopped unless
// it is the last.
func (s stopping) refused(a *account, d authcore.Device) error {
	d, err := a.device(d.ID)
	if err != nil {
		return err
	}
	problem := "confirm.cannot"
	if d.Status == authcore.StatusActive {
		problem = "confirm.last"
	}
	return s.show(a, d, http.StatusConflict, problem)
}
