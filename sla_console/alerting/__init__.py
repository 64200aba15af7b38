"""Notifies people: every message passes one pipeline that decides who gets it, when and where.

Monitoring calls ``AlertManager`` with what it found out; nothing here calls monitoring. Breaches,
warnings, escalation steps, reminders, recoveries, forecasts, bursts, digests, what is still broken,
trouble of the console, the daily test and reports all go this way.

====================  ===================  ====================================================
stage                 where                what it may do to an alert or a message
====================  ===================  ====================================================
route                 routing.Router       give it its recipients, by today's rules and names
mute                  pipeline.Mute        hold it back: a silence or a maintenance window
deduplicate           pipeline.Deduplicate hold it back, or say once that the breach is flapping
write                 pipeline.Write       make one message for each recipient; key and thread
hold                  pipeline.Hold        let it wait: data that is old, the client's quiet hours
group                 pipeline.Group       let it wait a moment for others of its group
(fallback)            pipeline             say when it goes another way
record                steps.Recorder       store it with its event, or show who was quicker
--------------------  -------------------  ----------------------------------------------------
group, pace           grouper.Grouper      make one digest of a group, or of a storm
check                 still_true.StillTrue end it: over, taken, muted by now; bring it up to date
(left out)            left_out             end by itself what a digest does not tell any more
route again           reroute.Rerouter     send it to who is on call now, or to a renamed channel
send                  dispatcher           hand it to a channel worker; retry, fall back, give up
record                store                accepted: the record that ``notified`` asks
====================  ===================  ====================================================

The stages above the line are pure and run before a message is stored; those below take it out of
the outbox again. ``WaitReason`` says why a message waits; the sentence beside it is for people.
What sends again (``renotify``), fires timers (``escalation_timers``), reports outages (``outages``,
``concerns``, ``rota_watch``) and closes incidents at pagers (``incident_closer``) makes alerts, and
they pass the same stages. ``room`` joins the parts.
"""
