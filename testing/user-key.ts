import { userKeyOf } from '../server/files/user-key.ts';

/** Of the user whose nodes write the folders of the tests. */
export const OWN_KEY = userKeyOf(Buffer.alloc(32, 7));
/** Of somebody else. */
export const OTHER_KEY = userKeyOf(Buffer.alloc(32, 8));
