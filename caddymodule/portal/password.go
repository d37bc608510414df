package portal

import (
	"net/http"

	"github.com/doorward/doorward/authcore"
)

func password(a *account) error { return a.show(http.StatusOK, a.view("password", nil)) }

// changePassword asks for the new one twice: no script could show what was
// typed, and who mistyped it would be locked out.
func changePassword(a *account) error {
	form := a.form
	if form.Get("new") != form.Get("again") {
		return a.passwordWrong(http.StatusUnprocessableEntity, "password.differs", "again")
	}
	attempt := a.attempt()
	attempt.Name, attempt.Password = a.principal.Name, form.Get("present")
	err := a.core.Users.ChangePassword(a.r.Context(), a.actor, attempt, form.Get("new"))
	if err == nil {
		return a.leave("password")
	}
	switch authcore.CodeOf(err) {
	case authcore.CodeInvalid:
		return a.passwordWrong(http.StatusUnprocessableEntity, "password.unfit", "new")
	case authcore.CodeConflict:
		return a.passwordWrong(http.StatusConflict, "password.none", "")
	case authcore.CodeUnauthenticated:
		return a.passwordWrong(http.StatusForbidden, "password.wrong", "present")
	case authcore.CodeThrottled:
		return a.passwordWrong(http.StatusTooManyRequests, "password.throttled", "present")
	}
	return err
}

func (a *account) passwordWrong(status int, problem, field string) error {
	view := a.view("password", nil)
	view.Error, view.Field = problem, field
	return a.show(status, view)
}
