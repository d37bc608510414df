package portal

import (
	"net/http"
	"strconv"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/pages"
)

func (a *account) backup() (pages.Backup, error) {
	set, err := a.core.Devices.BackupCodes(a.r.Context(), a.actor)
	return pages.Backup{All: set.All, Left: set.All - set.Used, Set: set.Number}, err
}

func backupCodes(a *account) error {
	shown, err := a.backup()
	if err != nil {
		return err
	}
	return a.show(http.StatusOK, a.view("backup", shown))
}

// newBackupCodes replaces the codes that the page told of: who loads the answer anew
// does not lose what he has just written down.
func newBackupCodes(a *account) error {
	set, err := strconv.ParseInt(a.form.Get("set"), 10, 64)
	if err != nil || set < -1 {
		return authcore.Errorf(authcore.CodeInvalid, "there is no such set of codes")
	}
	codes, err := a.core.Devices.NewBackupCodes(a.r.Context(), a.actor, set)
	if err != nil && authcore.CodeOf(err) == authcore.CodeConflict {
		shown, err := a.backup()
		if err != nil {
			return err
		}
		view := a.view("backup", shown)
		view.Error = "backup.conflict"
		return a.show(http.StatusConflict, view)
	}
	if err != nil {
		return err
	}
	view := a.view("backup", pages.Backup{All: len(codes), Left: len(codes), Codes: codes})
	view.Done = "backup.done"
	return a.show(http.StatusOK, view)
}
