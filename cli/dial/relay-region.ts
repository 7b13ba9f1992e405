/** The name of the relay in reports whose format has a DERP region of Coder. */
export const relayRegion = 'Coder Local'
