/** The server's own script (RFC 5228); `mailbox` (RFC 5490) makes the folder where somebody has deleted it. */
export const spamToJunk = `# Mail that a filter has tagged as spam goes into the folder Junk. This is done before the rules of the users:
# once mail is filed, theirs are no longer asked, so that no vacation notice answers spam.
require ["fileinto", "mailbox"];

if anyof (
  header :is "X-Spam-Flag" "YES",
  header :is "X-Spam" "Yes",
  header :matches "X-Spam-Status" "Yes*"
) {
  fileinto :create "Junk";
  stop;
}
`;
