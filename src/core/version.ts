declare const __DOVETAIL_VERSION__: string | undefined;

/** Version of this build; `0.0.0-dev` where it runs from sources. */
export const version = typeof __DOVETAIL_VERSION__ === 'string' ? __DOVETAIL_VERSION__ : '0.0.0-dev';
