/**
 * What certbot(1) runs after each renewal (`--deploy-hook`, RENEWED_LINEAGE in its environment): the servers read the files again.
 * A service that is just being reloaded refuses a second time; nobody watches at night, so it is tried again.
 */
export const certbotDeployHook = (lineage: string, units: readonly string[]): string => `#!/bin/sh
# Run by certbot after each renewal: the mail servers read the new certificate.
[ "$RENEWED_LINEAGE" = "/etc/letsencrypt/live/${lineage}" ] || exit 0
for again in 1 2 3; do
  systemctl try-reload-or-restart ${units.join(' ')} && exit 0
  sleep 3
done
exit 1
`;
