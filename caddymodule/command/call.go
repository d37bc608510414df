package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.uber.org/zap"

	"github.com/caddyserver/caddy/v2"
	caddycmd "github.com/caddyserver/caddy/v2/cmd"

	"github.com/doorward/doorward/caddymodule/admin"
)

// patience is longer than the server takes for anything.
const patience = 35 * time.Second

// ask calls an operation of the running server and shows its answer: as JSON,
// or with show, which writes data to standard output through cmd.
func ask[Out any](cmd *cobra.Command, operation string, in any, show func(*cobra.Command, Out) error) error {
	address, err := adminAddress(cmd)
	if err != nil {
		return errors.New(printable(err.Error()))
	}
	var out Out
	if err = call(cmd.Context(), address, operation, in, &out); err != nil {
		return errors.New(printable(err.Error()))
	}
	if asJSON(cmd) {
		return writeJSON(cmd.OutOrStdout(), out)
	}
	return show(cmd, out)
}

// call asks for one operation and reads its answer into out.
func call(ctx context.Context, address, operation string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := admin.Client{Address: address}.Call(ctx, operation, in, out)
	if errors.Is(err, admin.ErrNoAnswer) {
		err = fmt.Errorf("%w: is it running? name its admin endpoint with --address or its configuration with --config", err)
	}
	return err
}

func asJSON(cmd *cobra.Command) bool {
	wanted, _ := cmd.Flags().GetBool("json")
	return wanted
}

func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false) // the & of a URI stays readable
	return encoder.Encode(value)
}

// adminAddress finds the admin endpoint as `caddy reload` does.
func adminAddress(cmd *cobra.Command) (string, error) {
	address, config, adapter := text(cmd, "address"), text(cmd, "config"), text(cmd, "adapter")
	if address != "" {
		return address, nil
	}
	// What Caddy remarks while it reads a configuration is nothing new to an
	// operator whose server runs with it. Errors are returned.
	_, log, remarks := caddy.BufferedLog()
	loaded, file, _, err := caddycmd.LoadConfig(config, adapter)
	remarks.FlushTo(zap.NewNop())
	caddy.UnbufferDefaultLogger(log)
	if err != nil {
		return "", err
	}
	return caddycmd.DetermineAdminAPIAddress("", loaded, file, adapter)
}

func text(cmd *cobra.Command, flag string) string {
	value, _ := cmd.Flags().GetString(flag)
	return value
}

// noEmptyFlags refuses a flag of the command itself that is given without a
// value, as an unset variable of a script does: it would read as left out.
func noEmptyFlags(cmd *cobra.Command) (err error) {
	cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		empty := f.Value.String() == ""
		if list, ok := f.Value.(pflag.SliceValue); ok {
			for _, value := range list.GetSlice() {
				empty = empty || value == ""
			}
		}
		if f.Changed && f.Value.Type() == "int" && f.Value.String() == "0" && err == nil {
			err = wrongUse(cmd, noNumber(f, "0"))
		}
		if f.Changed && empty && err == nil {
			err = wrongUse(cmd, fmt.Errorf("--%s needs a value", f.Name))
		}
	})
	return err
}
