// Says on the page why a security key did not answer: the key's own script only writes to the console.
document.addEventListener("allauth.error", function (event) {
  const notice = document.getElementById("key-notice");
  if (!notice) return;
  event.preventDefault();
  const unsupported = !window.isSecureContext || !window.PublicKeyCredential;
  notice.textContent = unsupported ? notice.dataset.unsupported : notice.dataset.failed;
  notice.hidden = false;
  notice.focus();
});
