// Address families (RIOT sys/include/net/af.h).

export const AF_UNSPEC = 0;
export const AF_UNIX = 1;
export const AF_PACKET = 2;
export const AF_INET = 3;
export const AF_INET6 = 4;
