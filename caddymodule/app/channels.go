package app

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/doorward/doorward/authcore"
)

// factorKinds are the kinds that an operator may name; what is sent to or asked needs a
// channel.
var factorKinds = []authcore.DeviceKind{
	authcore.KindTOTP, authcore.KindHOTP, authcore.KindPhone, authcore.KindEmail,
	authcore.KindHTTP, authcore.KindStomp, authcore.KindMobile,
}

const (
	factorNames  = "totp, hotp, phone, email, http, stomp or mobile_application"
	channelNames = "email, phone, voice, http, stomp or mobile_application"
)

// reached are the kinds of device whose addresses the channel of a name gets.
var reached = map[string]authcore.DeviceKind{
	string(authcore.KindEmail): authcore.KindEmail,
	string(authcore.KindPhone): authcore.KindPhone,
	string(authcore.ByVoice):   authcore.KindPhone,

	string(authcore.KindHTTP):   authcore.KindHTTP,
	string(authcore.KindStomp):  authcore.KindStomp,
	string(authcore.KindMobile): authcore.KindMobile,
}

func checkChannelName(name string) error {
	if reached[name] == "" {
		return fmt.Errorf("channel '%s' is not known: %s", name, channelNames)
	}
	return nil
}

// parseChannel reads the name of a channel and of a guest, and lets that read
// the rest.
func (a *App) parseChannel(d *caddyfile.Dispenser) error {
	if !d.NextArg() {
		return d.Errf("'channel' needs a name, %s, and the name of a module, like smtp", channelNames)
	}
	name := d.Val()
	if err := checkChannelName(name); err != nil {
		return d.WrapErr(err)
	}
	if a.ChannelsRaw[name] != nil {
		return d.Errf("'channel %s' is already specified", name)
	}
	if !d.NextArg() {
		return d.Errf("'channel %s' needs the name of a module, like smtp", name)
	}
	module, err := UnmarshalGuest(d, "doorward.channels", "via")
	if err != nil {
		return err
	}
	if a.ChannelsRaw == nil {
		a.ChannelsRaw = map[string]json.RawMessage{}
	}
	a.ChannelsRaw[name] = module
	return nil
}

func (a *App) parseFactors(d *caddyfile.Dispenser) error {
	a.Factors = authcore.Factors{}
	for _, word := range d.RemainingArgs() {
		a.Factors = append(a.Factors, authcore.DeviceKind(word))
	}
	return nil // checkWords refuses an empty list
}

// loadChannels also holds them against the factors.
func (a *App) loadChannels() error {
	for name := range a.ChannelsRaw {
		if err := checkChannelName(name); err != nil {
			return err
		}
	}
	if err := a.checkChannels(); err != nil { // before loading, which empties the raw settings
		return err
	}
	if len(a.ChannelsRaw) == 0 {
		return nil
	}
	modules, err := a.ctx.LoadModule(a, "ChannelsRaw")
	if err != nil {
		return fmt.Errorf("loading the channels: %v", err)
	}
	a.channels = map[authcore.DeviceKind]authcore.Channel{}
	for name, module := range modules.(map[string]any) {
		channel, ok := module.(authcore.Channel)
		if !ok {
			return fmt.Errorf("channel '%s': module %T is not a channel: it does not implement authcore.Channel", name, module)
		}
		kind := reached[name]
		if !channel.Reaches(kind) {
			return fmt.Errorf("channel '%s': module %T sends nothing to devices of the kind %s: write %s", name, module, kind, channelLike[authcore.DeviceKind(name)])
		}
		if _, asks := channel.(authcore.Asker); !asks && (kind == authcore.KindHTTP || kind == authcore.KindStomp) {
			return fmt.Errorf("channel '%s': module %T sends messages, and these devices are asked questions: it does not implement authcore.Asker; write %s", name, module, channelLike[kind])
		}
		if name == string(authcore.ByVoice) {
			a.voice = channel
			continue
		}
		a.channels[kind] = channel
	}
	return nil
}

var channelLike = map[authcore.DeviceKind]string{
	authcore.KindPhone: "'channel phone http https://sms.example.com/send'",
	authcore.KindEmail: "'channel email smtp { … }'",

	authcore.KindHTTP:   "'channel http callback { … }'",
	authcore.KindStomp:  "'channel stomp stomp { … }'",
	authcore.KindMobile: "'channel mobile_application http https://push.example.com/wake'",

	authcore.ByVoice: "'channel voice http https://voice.example.com/say'", // not a factor, but a channel
}

// checkChannels refuses factors whose codes could not be sent, and a voice whose codes
// would count for nothing: nobody is told of changes by it.
func (a *App) checkChannels() error {
	for _, kind := range a.Factors {
		if like := channelLike[kind]; like != "" && a.ChannelsRaw[string(kind)] == nil {
			return fmt.Errorf("factors '%s': there is no channel for it: write %s", kind, like)
		}
	}
	phones := a.Factors == nil && a.ChannelsRaw[string(authcore.KindPhone)] != nil || slices.Contains(a.Factors, authcore.KindPhone)
	if a.ChannelsRaw[string(authcore.ByVoice)] != nil && !phones {
		return fmt.Errorf("channel 'voice': its codes would count for nothing: it needs a 'channel phone', and phone among the factors")
	}
	return nil
}

// checkFactors judges the words that say what satisfies the second factor.
func (a *App) checkFactors() error {
	if a.Factors != nil && len(a.Factors) == 0 {
		return fmt.Errorf("'factors' needs a kind of device: %s", factorNames)
	}
	for i, kind := range a.Factors {
		if !slices.Contains(factorKinds, kind) {
			return fmt.Errorf("factors '%s' is not known: %s", kind, factorNames)
		}
		if slices.Contains(a.Factors[:i], kind) {
			return fmt.Errorf("factors '%s' stands twice", kind)
		}
	}
	switch a.FirstDevice {
	case "", "password", "invite":
		return nil
	default:
		return fmt.Errorf("first_device '%s' is not known: password or invite", a.FirstDevice)
	}
}
