package portal

import (
	"net/http"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/pages"
)

func (a *account) backup() (pages.Backup, error) {
	all, used, err := a.core.Devices.BackupCodes(a.r.Context(), a.actor)
	return pages.Backup{All: all, Left: all - used}, err
}

func backupCodes(a *account) error {
	shown, err := a.backup()
	if err != nil {
		return err
	}
	return a.show(http.StatusOK, a.view("backup", shown))
}

func newBackupCodes(a *account) error {
	codes, err := a.core.Devices.NewBackupCodes(a.r.Context(), a.actor)
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
