// How moments are shown: in the time zone of the person that one acts as and, in what the app writes, in their language, as in Slack.

let zone;
let language = [];

/** Show moments to this person from now on. Undefined means in the zone and language of the browser. */
export function showTo(person) {
  zone = person?.zone;
  language = person?.locale ?? [];
}

/** Return the locale for `toLocale…String` in what the app writes. */
export const inLanguage = () => language;

/** Return options of `toLocale…String` with the zone. */
export const inZone = (options = {}) => (zone ? { ...options, timeZone: zone } : options);

/** Return the day of a moment, as 2026-03-05. */
export const dayOf = (at) => at.toLocaleDateString("sv", inZone());
