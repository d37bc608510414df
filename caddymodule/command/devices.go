package command

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/admin"
)

func deviceVerbs() []*cobra.Command {
	return []*cobra.Command{
		deviceAdd(),
		verb("list [USER]", "Lists the devices, of one user or all", func(cmd *cobra.Command, args []string) error {
			return ask(cmd, "device/list", listOf(cmd, args), writeTable("SERIAL NAME KIND STATUS USER CREATED LAST-USED ID", deviceCells))
		}),
		oneDevice("show DEVICE", "Shows what is known about a device", "device/show", showDevice),
		oneDevice("block DEVICE", "Keeps a device from opening anything, and ends its sessions", "device/block", say("device %s is %s", deviceName)),
		oneDevice("unblock DEVICE", "Makes a blocked device active again, and ends a pause after wrong codes", "device/unblock", say("device %s is %s", deviceName)),
		oneDevice("deactivate DEVICE", "Retires a device for good", "device/deactivate", say("device %s is %s", deviceName)),
		oneDevice("approve DEVICE", "Lets an app or a browser in that waits to be approved", "device/approve", say("device %s is %s", deviceName)),
		oneDevice("refuse DEVICE", "Refuses what waits to be approved", "device/refuse", say("device %s is %s", deviceName)),
		oneDevice("remove DEVICE", "Removes a device for good and frees its serial, and ends its sessions", "device/remove", say("device %s is removed", func(d admin.Device) []any { return []any{d.Serial} })),
		deviceAssign(),
		oneDevice("unassign DEVICE", "Puts a device back in stock, and ends its sessions", "device/unassign", say("device %s is in stock", func(d admin.Device) []any { return []any{d.Serial} })),
		verb("resync DEVICE", "Takes two consecutive codes, one a line on standard input, of a device that ran away", deviceResync),
		deviceImport(),
	}
}

func oneDevice[Out any](use, short, operation string, show func(*cobra.Command, Out) error) *cobra.Command {
	return verb(use, short, func(cmd *cobra.Command, args []string) error {
		return ask(cmd, operation, admin.DeviceRef{InTenant: inTenant(cmd), Device: args[0]}, show)
	})
}

func deviceAdd() *cobra.Command {
	var in admin.AddDevice
	use := "add USER --kind totp|hotp|phone|email|http|stomp|mobile_application [--algorithm SHA1|SHA256|SHA512] [--digits 6|8] [--period 30] [--secret-stdin] [--to A] [--serial S]"
	cmd := verb(use, "Registers a device and draws the QR code for an app", func(cmd *cobra.Command, args []string) (err error) {
		if in.InTenant, in.User = inTenant(cmd), args[0]; in.Kind == "" {
			return wrongUse(cmd, errors.New("--kind is missing"))
		}
		if in.Secret, err = secretLine(cmd); err != nil {
			return err
		}
		return ask(cmd, "device/add", in, func(cmd *cobra.Command, d admin.DeviceWithSecret) error {
			if d.URI != "" {
				if err := drawQR(cmd.ErrOrStderr(), d.URI); err != nil {
					cmd.PrintErrln(err)
				}
			}
			if d.Kind == string(authcore.KindMobile) {
				cmd.PrintErrf("the app has %d hours to scan it; until then the device is pending\n", int(authcore.EnrolLife.Hours()))
			}
			return writeFields(cmd, field{"serial", d.Serial}, field{"secret", d.Secret}, field{"uri", d.URI}, field{"address", d.Address})
		})
	})
	flags := cmd.Flags()
	flags.StringVar(&in.Kind, "kind", "", "totp counts time, hotp counts presses of a button; to phone and email codes are sent; http, stomp and mobile_application are asked, and answer by themselves")
	flags.StringVar(&in.Algorithm, "algorithm", "", "SHA1 (default), SHA256 or SHA512")
	flags.IntVar(&in.Digits, "digits", 0, "Digits of a code: 6 (default) or 8")
	flags.IntVar(&in.Period, "period", 0, "Seconds that a code of totp lasts: 15 to 120 (default 30)")
	flags.StringVar(&in.Address, "to", "", "Number or e-mail address that codes are sent to, else the user's own; URL of http, destination of stomp, what wakes a mobile_application")
	flags.StringVar(&in.Serial, "serial", "", "Serial number; else a random one is made")
	flags.Bool(secretFlag, false, "Read the secret from standard input, one line of Base32; else a random one is made")
	return cmd
}

func deviceAssign() *cobra.Command {
	var in admin.Assign
	cmd := verb("assign DEVICE USER [--force]", "Gives a device to a user, as the last of his", func(cmd *cobra.Command, args []string) error {
		in.InTenant, in.Device, in.User = inTenant(cmd), args[0], args[1]
		return ask(cmd, "device/assign", in, say("device %s is that of %s%s", func(d admin.Device) []any { return []any{d.Serial, args[1], butNotActive(d)} }))
	})
	cmd.Flags().BoolVar(&in.Force, "force", false, "Take it from another user, and end the sessions that its codes opened")
	return cmd
}

// butNotActive says why the codes of a device that was assigned don't count yet. One
// that is pending awaits two codes: any other is assigned to nobody.
func butNotActive(d admin.Device) string {
	switch d.Status {
	case string(authcore.StatusActive):
		return ""
	case string(authcore.StatusPending):
		return ", and pending: `device resync` with two of its codes makes it active"
	}
	return ", and " + d.Status
}

func deviceResync(cmd *cobra.Command, args []string) error {
	in := admin.Resync{InTenant: inTenant(cmd), Device: args[0]}
	lines := input(cmd)
	for _, code := range []struct {
		name string
		text *string
	}{{"first code", &in.First}, {"second code", &in.Second}} {
		line, err := lines.read(code.name, false)
		if err != nil {
			return fmt.Errorf("resync takes two consecutive codes on standard input, one a line: %w", err)
		}
		*code.text = line
	}
	return ask(cmd, "device/resync", in, say("device %s is resynchronised", func(d admin.Device) []any { return []any{d.Serial} }))
}

func listOf(cmd *cobra.Command, args []string) (in admin.ListOf) {
	in.InTenant = inTenant(cmd)
	if len(args) > 0 {
		in.User = args[0]
	}
	return in
}

func deviceName(d admin.Device) []any { return []any{d.Serial, d.Status} }

func deviceCells(d admin.Device) []string {
	return []string{d.Serial, d.Name, d.Kind, d.Status, cmp.Or(d.UserName, d.User), moment(d.CreatedAt), moment(d.LastUsedAt), d.ID}
}

func showDevice(cmd *cobra.Command, d admin.DeviceWithAttempts) error {
	period, digits := "", ""
	if d.Period > 0 {
		period = strconv.Itoa(d.Period)
	}
	if d.Digits > 0 { // what makes codes
		digits = strconv.Itoa(d.Digits)
	}
	return writeFields(cmd, field{"serial", d.Serial}, field{"name", d.Name}, field{"id", d.ID}, field{"tenant", d.Tenant}, field{"kind", d.Kind}, field{"status", d.Status},
		field{"user", d.User}, field{"account", d.Account}, field{"device_key", d.DeviceKey}, field{"asked_by", d.AskedBy}, field{"algorithm", d.Algorithm}, field{"digits", digits}, field{"period", period}, field{"address", d.Address},
		field{"created_at", moment(d.CreatedAt)}, field{"last_used_at", moment(d.LastUsedAt)}, field{"expires_at", moment(d.ExpiresAt)},
		field{"drift", drift(d)}, field{"next_counter", nextCounter(d)},
		field{"wrong_codes", strconv.Itoa(d.WrongCodes)}, field{"wrong_codes_total", strconv.Itoa(d.WrongCodesTotal)},
		field{"paused_until", moment(d.PausedUntil)})
}

// drift tells how far the clock of a device is ahead or late.
func drift(d admin.DeviceWithAttempts) string {
	if d.Drift == nil || d.DriftSeconds == nil {
		return ""
	}
	steps, seconds, word := *d.Drift, *d.DriftSeconds, "early"
	if steps == 0 {
		return "0"
	}
	if steps < 0 {
		steps, seconds, word = -steps, -seconds, "late"
	}
	unit := "steps"
	if steps == 1 {
		unit = "step"
	}
	return fmt.Sprintf("%d %s %s (%d s)", steps, unit, word, seconds)
}

func nextCounter(d admin.DeviceWithAttempts) string {
	if d.NextCounter == nil {
		return ""
	}
	return strconv.FormatInt(*d.NextCounter, 10)
}
