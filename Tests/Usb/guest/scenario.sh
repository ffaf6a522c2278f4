# Runs in the guest, as root only where a kernel wants it: the daemon and the commands run as the user pumpledger.
# PUMPS holds a line a pump: NAME PORT. PORT is where its USB/IP server listens on the host, or - for a pump that
# QEMU itself plugs in. Whoever plays the nurse is told on the console ("plug NAME", "done NAME").
. /result/settings.sh
log=/tmp/log
: >$log
now() { read -r uptime rest </proc/uptime; echo "$uptime"; }
say() { echo "$(now) P $*" >>$log; echo "T2 $*"; }
# Puts the time since boot and a letter before each line.
stamped() {
    while IFS= read -r line; do
        read -r uptime rest </proc/uptime
        echo "$uptime $1 $line"
    done >>$log
}
end() {
    say "$2"
    cp $log /result/log
    cp /state/daemon.log /result/ 2>/dev/null
    finish "$1"
}
as_user() { su -s /bin/sh -c 'exec "$@"' -- pumpledger sh "$@"; }
# Where the loader looks by itself: a port's reader is started without any environment.
for library in /share/lib/*; do
    [ -e "/lib/x86_64-linux-gnu/${library##*/}" ] || ln -s "$library" /lib/x86_64-linux-gnu/
done
export HOME=/state SWIFT_BACKTRACE=enable=no
pumpledger() { as_user /share/bin/pumpledger --socket /run/pumpledger/socket "$@"; }

# (Of this device a read must take a whole line.)
cat /dev/kmsg | stamped K &
udevadm monitor --udev --subsystem-match=usb --subsystem-match=tty 2>&1 | stamped U &
say "kernel $(uname -r), udev $(udevadm --version)"
set --
for link in $LINKS; do set -- "$@" --link "$link"; done
as_user /share/bin/pumpledgerd --ledger /state/ledger.db --socket /run/pumpledger/socket "$@" 2>&1 | stamped D &
for _ in $(seq 300); do [ -S /run/pumpledger/socket ] && break; sleep 0.1; done
[ -S /run/pumpledger/socket ] || end 2 "the daemon did not start"
pumpledger watch --json 2>&1 | stamped W &
for _ in $(seq 300); do grep -q ' W {' $log && break; sleep 0.1; done

# Attaches the device at a port whenever it is there and not attached.
attach() {
    while [ -e /tmp/attaching ]; do
        if ! usbip port 2>/dev/null | grep -q ":$1/"; then
            before=$(now)
            usbip --tcp-port "$1" attach -r 10.0.2.2 -b 1-1 >/dev/null 2>&1 && echo "$before P attached" >>$log
        fi
        sleep 0.1
    done
}

# What the daemon said of its ports since the last plug: states, one word each. The port has whatever name the daemon gives
# it; pumps come one after another, and one that has been read only goes "absent" once more.
states() { sed -n "/ P plug $1\$/,\$s|.* D .*port=.*state=\"*\([a-z]*\).*|\1|p" $log; }
# Waits until the states since the plug of a pump fit a pattern.
until_states() { # PATTERN NAME WHAT
    for _ in $(seq $((LIMIT * 10))); do
        case "$(states "$2" | tr '\n' ' ')" in $1) return 0 ;; esac
        sleep 0.1
    done
    tail -n 40 $log
    ls -l /dev/serial/by-id /dev/tty[AU]* 2>&1
    end 3 "$3: not within $LIMIT s; states: $(states "$2" | tr '\n' ' ')"
}

while read -r name port; do
    [ -n "$name" ] || continue
    : >/tmp/attaching
    [ "$port" = - ] || attach "$port" &
    say "plug $name"
    until_states '*reading*' "$name" "$name identified"
    until_states '*reading*absent*' "$name" "$name seen to go"
    until_states '*reading*absent*reading*caught*' "$name" "$name read to the end after the second plug"
    rm -f /tmp/attaching
    wait $!
    say "done $name"
    # It is taken away before the next one comes.
    for _ in $(seq 50); do ls /sys/bus/usb/devices | grep -q '^[0-9]*-[0-9]*$' || break; sleep 0.1; done
done <<END
$PUMPS
END

if [ "$PHDC" != - ]; then
    usbip --tcp-port "$PHDC" attach -r 10.0.2.2 -b 1-1 >/dev/null 2>&1 || end 5 "the PHDC device cannot be attached"
    for _ in $(seq 100); do
        found=$(grep -l 1209 /sys/bus/usb/devices/*/idVendor)
        # Its interface is there when everything has been read.
        [ -n "$found" ] && ls -d "${found%/idVendor}"/*:1.0 >/dev/null 2>&1 && break
        found=
        sleep 0.1
    done
    [ -n "$found" ] || end 5 "the PHDC device was not enumerated"
    cat "${found%/idVendor}/descriptors" >/result/phdc
fi

pumpledger pumps --json >/result/pumps.json || end 4 "no answer about the pumps"
for serial in $SERIALS; do
    pumpledger events --pump "$serial" --raw --json >"/result/events-$serial.json" || end 4 "no events of $serial"
done
ls -l /dev/serial/by-id >/result/nodes 2>&1
end 1 "all pumps read"
