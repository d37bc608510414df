#!/usr/bin/env bash
# What `make run` starts: the example, with a demo user on the first start.
# Everything it writes is in .doorward; `make clean` forgets it.
set -euo pipefail
cd "$(dirname "$0")/../.."

export PORT="${PORT:-8080}"
export DOORWARD_HOME="${DOORWARD_HOME:-.doorward}"
url="http://localhost:$PORT"
config='--config Caddyfile.example'
log="$DOORWARD_HOME/caddy.log"

# shellcheck disable=SC2086 # two words
doorward() { bin/caddy doorward "$@" $config; }

# field KEY: the value of a key in JSON on standard input.
field() { sed -n 's/.*"'"$1"'": *"\([^"]*\)".*/\1/p'; }

fail() {
	echo "$1" >&2
	exit 1
}

# A server of somebody else would look like ours.
if (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; then
	fail "Something answers on port $PORT already. Another one: make run PORT=8081"
fi

mkdir -p "$DOORWARD_HOME"
chmod 700 "$DOORWARD_HOME"
# shellcheck disable=SC2086 # two words
bin/caddy run $config --adapter caddyfile >"$log" 2>&1 &
server=$!

# On a terminal Ctrl-C reaches the server too; asking twice does no harm.
# shellcheck disable=SC2317 # the traps call it
stop() {
	trap - INT TERM EXIT
	kill -TERM "$server" 2>/dev/null || true
	wait "$server" || true
}
trap 'stop; echo; echo "Stopped."; exit 0' INT TERM
trap stop EXIT

for ((i = 0; ; i++)); do
	if ! kill -0 "$server" 2>/dev/null; then
		tail -n 20 "$log" >&2
		fail "The server ended; its log is $log"
	elif doorward user list >/dev/null 2>&1; then
		break
	elif ((i == 300)); then
		tail -n 20 "$log" >&2
		fail "The server was not ready after a minute; its log is $log"
	fi
	sleep 0.2
done

echo "Doorward is at $url, its log is $log. Ctrl-C stops it."

if ! doorward user show demo >/dev/null 2>&1; then
	password=$(doorward user add demo --json | field password)
	if [ -z "$password" ]; then
		fail "The user demo could not be made. To begin anew: make clean run"
	fi
	cat <<-END

		Open $url in a browser and sign in. This is shown once:

		  user      demo
		  password  $password

		You are asked to set up an authenticator app: scan the picture with your phone.
		Without a phone, this prints the code for the KEY that stands beside the picture
		(oathtool is a Debian package):

		  oathtool --totp --base32 KEY

		A program logs in with one request, POST /api/2.0/authentication/CODE: see README.md.
		Commands reach this server from here, in another terminal, as in
		  export PORT=$PORT DOORWARD_HOME=$DOORWARD_HOME
		  bin/caddy doorward user add alice $config

	END
else
	cat <<-END

		Open $url in a browser. The users are as they were. To add one, or for a
		new password of demo:
		  export PORT=$PORT DOORWARD_HOME=$DOORWARD_HOME
		  bin/caddy doorward user add alice $config
		  bin/caddy doorward user password demo $config
		To begin anew: make clean run

	END
fi

wait "$server" || true
trap - EXIT
tail -n 20 "$log" >&2
fail "The server ended; its log is $log"
