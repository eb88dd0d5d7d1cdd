/** meetInfo is a room as the API tells it. */
export const meetInfo = (m) => ({ ID: m?.id ?? 0, pswd: m?.password ?? '', subject: m?.subject ?? '', pubMeetUrl: m?.url ?? '' });

/** wireMeet is a room as the server is told of it; none if nothing is in it. */
export function wireMeet(m) {
  const room = { id: Number(m?.ID) || undefined, password: m?.pswd || undefined, subject: m?.subject || undefined, url: m?.pubMeetUrl || undefined };
  return Object.values(room).some((v) => v !== undefined) ? room : undefined;
}
