// Host names and addresses that reach only this machine.

/** Whether an address is one of this machine's loopback addresses: 127.0.0.0/8 or ::1. */
export const isLoopbackAddress = (ip: string): boolean => ip === '::1' || /^(?:::ffff:)?127\./.test(ip)

/** Whether a host name or address, without port and brackets, is a loopback one. */
export const isLoopbackHost = (host: string): boolean => /^(.+\.)?localhost$/i.test(host) || isLoopbackAddress(host)
