import type {ChangeContext, PreviewContext} from '../changes/types.js';
import {masked} from '../core/secret.js';
import {written} from '../config/quote.js';
import type {Content} from '../core/want.js';
import type {Prepared} from '../materials/prepare.js';
import type {OverlayView} from '../stage/view.js';
import type {Blobs} from '../system/types.js';
import type {Vault} from './vault.js';

/** Bytes of a content, when it is written: of materials, blobs and secrets. */
export const resolver =
  (prepared: Prepared, vault: Vault, blobs: Blobs): ChangeContext['resolve'] =>
  content =>
    Buffer.concat(
      content.map(part =>
        'text' in part
          ? Buffer.from(part.text, 'latin1')
          : 'blob' in part
            ? blobs.get(part.blob)
            : 'material' in part
              ? Buffer.from(written(prepared.bytes(part.material).toString('latin1'), part.as), 'latin1')
              : Buffer.from(written(vault.open(part.secret)?.reveal() ?? '', part.as)),
      ),
    );

/** What a preview may show. A certificate is public: its text is shown; keys, hashes and secrets are not. */
export const previewContext = (
  view: OverlayView,
  blobs: Blobs,
  resolve: ChangeContext['resolve'],
): PreviewContext => ({
  blobs,
  read: path => view.system.files.read(path, {follow: true})?.toString('latin1'),
  masked: (content: Content) =>
    content
      .map(part =>
        'text' in part
          ? part.text
          : 'material' in part &&
              ['tls.certificate', 'tls.request', 'replication.certificate'].includes(part.material)
            ? resolve([part]).toString('latin1')
            : masked,
      )
      .join(''),
  holds: (content, text) => resolve(content).toString('latin1') === text,
  certainty: 'exact',
});
