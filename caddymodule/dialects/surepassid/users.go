package surepassid

import (
	"strconv"

	"github.com/doorward/doorward/authcore"
)

// What is remembered of a user beside what the core does.
const (
	firstNameAttribute = "first_name"
	lastNameAttribute  = "last_name"
)

func addUser(x *exchange) (any, error) {
	_, err := x.addUser()
	return nil, err
}

func (x *exchange) addUser() (authcore.User, error) {
	if x.text("username") == "" {
		return authcore.User{}, fail(9001, "send username")
	}
	disabled, err := x.number("userStatus", 0, 0, 1, general)
	if err != nil {
		return authcore.User{}, err
	}
	return x.Core.Users.Add(x.Context(), x.actor, authcore.NewUser{
		Name: x.text("username"), Email: x.text("email"), Phone: x.text("mobile"), Password: x.text("pw"),
		Disabled: disabled == 1, Dialect: dialectName, Attributes: x.person(),
	})
}

// person is what he is called. An empty name is one as well: it takes the old one away.
func (x *exchange) person() authcore.Attributes {
	names := authcore.Attributes{}
	for field, attribute := range map[string]string{"firstName": firstNameAttribute, "lastName": lastNameAttribute} {
		if value := x.given(field); value != nil {
			names[attribute] = *value
		}
	}
	return names
}

func updateUser(x *exchange) (any, error) {
	c := authcore.Changes{Email: x.given("email"), Phone: x.given("mobile"), Dialect: dialectName, Attributes: x.person()}
	if pw := x.text("pw"); pw != "" { // an empty one is not sent on purpose
		c.Password = &pw
	}
	if x.text("userStatus") != "" {
		n, err := x.number("userStatus", 0, 0, 1, general)
		if err != nil {
			return nil, err
		}
		disabled := n == 1
		c.Disabled = &disabled
	}
	_, err := x.Core.Users.Update(x.Context(), x.actor, x.text("username"), c)
	return nil, err
}

// deleteUser puts his devices back in stock, unless they shall go with him.
func deleteUser(x *exchange) (any, error) {
	related, err := x.flag("removeRelated")
	if err != nil {
		return nil, err
	}
	remove := x.Core.Users.RemoveAlone
	if related {
		remove = x.Core.Users.Remove
	}
	_, err = remove(x.Context(), x.actor, x.text("username"))
	return nil, err
}

// person is what is told of a user.
type person struct {
	Username   string `json:"username"`
	FirstName  string `json:"firstName"`
	LastName   string `json:"lastName"`
	Email      string `json:"email"`
	Mobile     string `json:"mobile"`
	UserStatus int    `json:"userStatus"` // 0 enabled, 1 disabled
}

func personOf(u authcore.User, names authcore.Attributes) person {
	p := person{Username: u.Name, FirstName: names[firstNameAttribute], LastName: names[lastNameAttribute], Email: u.Email, Mobile: u.Phone}
	if u.Disabled {
		p.UserStatus = 1
	}
	return p
}

func findUser(x *exchange) (any, error) {
	u, err := x.Core.Users.Get(x.Context(), x.actor, x.text("username"))
	if err != nil {
		return nil, err
	}
	names, err := x.Core.Users.Attributes(x.Context(), x.actor, u.ID, dialectName)
	if err != nil {
		return nil, err
	}
	devices, err := x.devicesOf(u, true)
	if err != nil {
		return nil, err
	}
	return struct {
		person
		Devices []held `json:"Devices"`
	}{personOf(u, names), devices}, nil
}

// mostFound is how many users one answer has.
const mostFound = 100

func findUsers(x *exchange) (any, error) {
	users, err := x.Core.Users.Find(x.Context(), x.actor, x.text("criteria", "username"), mostFound, dialectName)
	if err != nil {
		return nil, err
	}
	list := []person{}
	for _, u := range users {
		list = append(list, personOf(u.User, u.Attributes))
	}
	return struct {
		Users []person `json:"Users"`
	}{list}, nil
}

// validateUser checks his password, or with noAuth 1 only that he may be.
func validateUser(x *exchange) (any, error) {
	unasked, err := x.flag("noAuth")
	if err != nil {
		return nil, err
	}
	var u authcore.User
	if unasked {
		u, err = x.Core.Users.Get(x.Context(), x.actor, x.text("username"))
	} else {
		u, err = x.Core.Users.CheckPassword(x.Context(), x.actor, x.text("username"), x.text("pw"), x.Origin)
	}
	if err != nil {
		return nil, err
	}
	if u.Disabled {
		return nil, fail(9007, "the user is disabled: update_user with userStatus 0 enables him")
	}
	devices, err := x.devicesOf(u, false)
	if err != nil {
		return nil, err
	}
	return struct {
		Devices []held `json:"Devices"`
	}{devices}, nil
}

// held is a device of a user's.
type held struct {
	PSN          string `json:"psn"`
	TokenID      string `json:"tokenID,omitempty"`
	DeviceType   int    `json:"deviceType"`
	OTPType      int    `json:"otpType"`
	DeviceStatus int    `json:"deviceStatus"`
}

// devicesOf gives the devices of u that make codes, in the order in which they became
// his. What was retired is not his any more.
func (x *exchange) devicesOf(u authcore.User, withID bool) ([]held, error) {
	devices, err := x.Core.Devices.List(x.Context(), x.actor, u.ID)
	if err != nil {
		return nil, err
	}
	list := []held{}
	for _, d := range devices {
		if !d.Kind.MakesCodes() || d.Status == authcore.StatusDeactivated || d.Status == authcore.StatusRejected {
			continue
		}
		kind, err := x.deviceType(d)
		if err != nil {
			return nil, err
		}
		h := held{PSN: d.Serial, DeviceType: kind, OTPType: otpType(d), DeviceStatus: deviceStatus(d)}
		if withID {
			h.TokenID = d.ID
		}
		list = append(list, h)
	}
	return list, nil
}

// addAccount adds a user with a device. Whether all of the device can be read is known
// before there is a user; one whose device is refused after all goes again.
func addAccount(x *exchange) (any, error) {
	e, err := x.enrolment()
	if err != nil {
		return nil, err
	}
	u, err := x.addUser()
	if err != nil {
		return nil, err
	}
	e.User = u.ID
	members, err := x.register(e)
	if err == nil {
		return members, nil
	}
	if _, undone := x.Core.Users.Remove(x.Context(), x.actor, u.ID); undone != nil {
		return nil, fail(general, "The user %s was added, and his device was not: add it with add_oath_device", strconv.Quote(u.Name))
	}
	return nil, err
}
