package command

import (
	"cmp"
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/doorward/doorward/caddymodule/admin"
)

func integratorVerbs() []*cobra.Command {
	return []*cobra.Command{
		integratorAdd(),
		verb("list", "Lists the integrators", func(cmd *cobra.Command, _ []string) error {
			return ask(cmd, "integrator/list", admin.Nothing{}, writeTable("NAME DIALECT PROOF TENANT OPERATIONS ALLOW RATE CREATED", integratorCells))
		}),
		verb("remove NAME", "Refuses every further call of an integrator", func(cmd *cobra.Command, args []string) error {
			return ask(cmd, "integrator/remove", admin.IntegratorRef{Name: args[0]},
				say("integrator %s is removed", func(i admin.Integrator) []any { return []any{i.Name} }))
		}),
	}
}

const publicKeyFlag = "public-key"

func integratorAdd() *cobra.Command {
	var in admin.AddIntegrator
	use := "add NAME --dialect D [--tenant T] [--allow CIDR]… [--operation TYPE]… [--rate N] [--public-key FILE]"
	cmd := verb(use, "Lets a program call a dialect, with a key that is shown once", func(cmd *cobra.Command, args []string) (err error) {
		if in.Name = args[0]; in.Dialect == "" {
			return wrongUse(cmd, errors.New("--dialect is missing"))
		}
		if path := text(cmd, publicKeyFlag); path != "" {
			if in.PublicKey, err = publicKey(path); err != nil {
				return errors.New(printable(err.Error()))
			}
		}
		return ask(cmd, "integrator/add", in, func(cmd *cobra.Command, i admin.IntegratorWithKey) error {
			return writeFields(cmd, field{"name", i.Name}, field{"key", i.Key}, field{"id", i.ID})
		})
	})
	flags := cmd.Flags()
	flags.StringVar(&in.Dialect, "dialect", "", "Dialect that it calls")
	flags.StringVar(&in.Tenant, tenantFlag, "", "Tenant whose users and devices it sees, if it is not the default one")
	flags.StringArrayVar(&in.Allow, "allow", nil, "Network or address that it calls from, else everywhere; may be repeated")
	flags.StringArrayVar(&in.Operations, "operation", nil, "Operation of the dialect that it may ask for, else all; may be repeated")
	flags.IntVar(&in.Rate, "rate", 0, "Calls that it may make in a minute: 1 to 600000 (default 600)")
	flags.String(publicKeyFlag, "", "PEM file with the public key that it signs its calls with, in place of a key, if the dialect has such")
	return cmd
}

func integratorCells(i admin.Integrator) []string {
	return []string{
		i.Name, i.Dialect, i.Proof, i.Tenant, cmp.Or(strings.Join(i.Operations, ","), "all"), cmp.Or(strings.Join(i.Allow, ","), "everywhere"),
		strconv.Itoa(i.Rate), moment(i.CreatedAt),
	}
}
