package portal

import (
	"net/http"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/pages"
)

func (a *account) shown(d authcore.Device) pages.OwnDevice {
	if d.Kind.Answers() { // see codePage.address
		d.Address = ""
	}
	return pages.OwnDevice{
		Serial: d.Serial, Name: d.Name, Kind: string(d.Kind), Status: string(d.Status), Address: d.Address,
		Used: d.LastUsedAt, Added: d.CreatedAt, Here: a.isHere(d), Active: d.Status == authcore.StatusActive,
	}
}

// isHere says whether a device opened this session, or is what it is on.
func (a *account) isHere(d authcore.Device) bool {
	return d.ID != "" && (d.ID == a.principal.DeviceID || d.ID == a.principal.ClientDevice)
}

// retired says whether a device is none any more for its owner.
func retired(d authcore.Device) bool {
	return d.Status == authcore.StatusDeactivated || d.Status == authcore.StatusRejected
}

var devicesDone = map[string]string{
	"added": "devices.done.added", "renamed": "devices.done.renamed",
	"blocked": "devices.done.blocked", "removed": "devices.done.removed",
}

func devices(a *account) error {
	list, err := a.core.Devices.List(a.r.Context(), a.actor, a.principal.UserID)
	if err != nil {
		return err
	}
	var shown pages.OwnDevices
	for _, d := range list {
		if !retired(d) && d.Kind != authcore.KindBackup {
			shown.Devices = append(shown.Devices, a.shown(d))
		}
	}
	for _, kind := range a.core.Logins.Offered() {
		if kind == authcore.KindTOTP || sentTo(kind) { // an operator gives out the others
			shown.Kinds = append(shown.Kinds, string(kind))
		}
	}
	if shown.Backup, err = a.backup(); err != nil {
		return err
	}
	waiting, err := a.core.Approvals.Waiting(a.r.Context(), a.actor)
	if err != nil {
		return err
	}
	shown.Waiting = len(waiting)
	view := a.view("devices", shown)
	view.Done = a.doneOf(devicesDone)
	return a.show(http.StatusOK, view)
}
