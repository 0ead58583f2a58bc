import {fill, type Text} from '../../src/core/text.js';

/** Why a text is not a network that may be trusted: syntax, host bits that Postfix would answer 451 for, or the whole Internet. */
export const networkProblem = (network: string): Text | undefined => {
  const [address = '', length = '', ...more] = network.split('/');
  const bits = bitsOf(address.replaceAll(/[[\]]/g, ''));
  if (bits === undefined || more.length > 0 || !/^\d{1,3}$/.test(length) || Number(length) > bits.length) {
    return texts.syntax;
  }

  if (bits.slice(Number(length)).includes('1')) {
    return fill(texts.hostBits, {length});
  }

  return Number(length) < (bits.length === 32 ? 8 : 32) ? texts.wide : undefined;
};

const bitsOf = (address: string): string | undefined => {
  if (/^(?:\d{1,3}\.){3}\d{1,3}$/.test(address)) {
    const bytes = address.split('.').map(Number);
    return bytes.some(byte => byte > 255)
      ? undefined
      : bytes.map(byte => byte.toString(2).padStart(8, '0')).join('');
  }

  if (!address.includes(':') || !URL.canParse(`http://[${address}]`)) {
    return undefined;
  }

  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string | undefined) => (part === undefined || part === '' ? [] : part.split(':'));
  const missing = 8 - groups(head).length - groups(tail).length;
  const all =
    tail === undefined
      ? groups(head)
      : [...groups(head), ...Array.from({length: missing}, () => '0'), ...groups(tail)];
  return all.map(group => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('');
};

const texts = {
  syntax: {
    en: 'Write a network with its length, such as 10.1.2.0/24.',
    ja: '10.1.2.0/24 のようにネットワークと長さで指定してください。',
  },
  hostBits: {
    en: 'The address has bits beyond the /{length}: Postfix would refuse every client.',
    ja: 'アドレスが /{length} の範囲外のビットを含みます。Postfix がすべての接続を拒否します。',
  },
  wide: {
    en: 'That is far too wide: strangers could send through this server.',
    ja: '範囲が広すぎます。第三者が送信できてしまいます。',
  },
} satisfies Record<string, Text>;
