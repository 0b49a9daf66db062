// The time zone that moments are shown in: that of the person whom one acts as, as in Slack.

let zone;

/** Show moments in this zone from now on; undefined: in that of the browser. */
export function setZone(name) {
  zone = name;
}

/** Return options of `toLocale…String` with the zone. */
export const inZone = (options = {}) => (zone ? { ...options, timeZone: zone } : options);

/** Return the day of a moment, as 2026-03-05. */
export const dayOf = (at) => at.toLocaleDateString("sv", inZone());
