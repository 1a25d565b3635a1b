import { userKeyOf } from '../server/files/user-key.ts';

/** The key of the user whose nodes write the folders of the tests. */
export const OWN_KEY = userKeyOf(Buffer.alloc(32, 7));
/** The key of another user. */
export const OTHER_KEY = userKeyOf(Buffer.alloc(32, 8));
