/*
 * EL's OpenSSL knows PROFILE=SYSTEM, which stands in its configuration of Dovecot and Postfix; Debian's does not, and refuses
 * every handshake. On the stand-in host alone, and for all its programs alike, it means OpenSSL's own default.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>

static const char *known(const char *list) {
  return list != NULL && strcmp(list, "PROFILE=SYSTEM") == 0 ? "ALL:!COMPLEMENTOFDEFAULT:!eNULL" : list;
}

int SSL_CTX_set_cipher_list(void *context, const char *list) {
  static int (*next)(void *, const char *);
  if (next == NULL)
    next = (int (*)(void *, const char *))dlsym(RTLD_NEXT, "SSL_CTX_set_cipher_list");
  return next(context, known(list));
}

int SSL_set_cipher_list(void *connection, const char *list) {
  static int (*next)(void *, const char *);
  if (next == NULL)
    next = (int (*)(void *, const char *))dlsym(RTLD_NEXT, "SSL_set_cipher_list");
  return next(connection, known(list));
}
