"""The channels: everything that speaks to the outside about alerts, one module a kind.

::

    spec             what is known of a channel before it is built
    address          which addresses are refused at the start, and in which words
    apprise_channel  a hundred services, with Apprise as a transport alone
    apprise_causes   why Apprise did not succeed: passing, final, or nobody knows
    reach            which addresses reach nobody
    wire             where Apprise meets the network: proxy, limit, what is answered
    replies          what an answer means, by its status and by what all have in common
    services         what each service says in the body of an answer
    opsgenie         ends an alert by its alias, which Apprise cannot do after a restart
    buttons          buttons of the services that have some
    webhook          JSON to an address of one's own, signed
    attached         the file that goes with a message
    terminal         the screens of the consoles themselves
    heartbeat        tells the outside that the console is alive
    exchange         one POST, limited in time and size
    incident         the key that all messages about one promise share
    quiet            keeps addresses out of every log

A channel is known by its name. Its address holds passwords and is never shown.
"""

from sla_console.alerting.channels.clock import Now, machine_time
from sla_console.alerting.channels.spec import ChannelSpec
from sla_console.alerting.ports import Channel

__all__ = ["ChannelSpec", "build_channel"]


def build_channel(spec: ChannelSpec, now: Now = machine_time) -> Channel:
    """Return the channel that a description asks for. Nothing is sent.

    Args:
        spec: Name, service and address.
        now: The real moment, for what is compared with the receiver's clock.

    Raises:
        UserError: if the address cannot be used; the address itself is not in the message.
    """
    if spec.service == "terminal":
        from sla_console.alerting.channels.terminal import TerminalChannel  # noqa: PLC0415

        return TerminalChannel(spec)
    if spec.service == "webhook":
        # httpx and Apprise take 50 to 70 ms to load; only who sends has to spend them.
        from sla_console.alerting.channels.webhook import WebhookChannel  # noqa: PLC0415

        return WebhookChannel(spec, now)
    from sla_console.alerting.channels.apprise_channel import apprise_channel  # noqa: PLC0415

    return apprise_channel(spec)
