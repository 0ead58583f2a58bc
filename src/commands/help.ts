import type {Lang} from '../core/text.js';

/** What `--help` prints. */
export const help = (lang: Lang) => texts[lang];

const texts: Readonly<Record<Lang, string>> = {
  en: `Usage: dovetail [SECTION…]            the wizard: questions, review, apply, proof (-n: dry run)
       dovetail COMMAND [options]

  plan --answers FILE            show what would change; exit 0 nothing, 2 changes pending
  apply --answers FILE --yes     apply it as one transaction, and prove it
  apply --answers FILE -n        the same up to the review: nothing changes
  check                          prove that the server works
  answers                        the machine's present state as an answers file
  status, history, show [ID]     what was applied
  rollback [ID]                  undo the last transaction, or finish one that was cut short

  --numbered        numbered prompts (TERM=dumb, screen readers)
  --keep            a failed proof keeps the changes instead of taking them back
  --account NAME --password-from file:/PATH    who logs in for the proof (check)
  --json  --verbose  --lang en|ja  --platform ID  --help  --version`,
  ja: `使い方: dovetail [セクション…]         ウィザード: 質問、確認、適用、動作確認 (-n: 変更しない)
        dovetail コマンド [オプション]

  plan --answers ファイル         変更内容を表示 (終了コード 0: なし、2: あり)
  apply --answers ファイル --yes  1 つのトランザクションとして適用し、動作を確認
  apply --answers ファイル -n     確認画面まで。何も変更しない
  check                           サーバーの動作を確認
  answers                         現在の状態を回答ファイルとして出力
  status, history, show [ID]      適用の記録
  rollback [ID]                   最後のトランザクションを元に戻す、または中断を解消する

  --keep            確認に失敗しても変更を残す
  --account 名前 --password-from file:/パス    確認用のログイン (check)
  --json  --verbose  --lang en|ja  --platform ID  --help  --version`,
};
